/**
 * Puts the parts together and starts and stops them in order, with the embedded stores if none are given. It is the
 * one package that knows all others, and only the command line knows it.
 */
@NullMarked
package dev.herald.boot;

import org.jspecify.annotations.NullMarked;
