/**
 * Puts the parts together and starts and stops them in order, with the embedded stores if none are given. It knows
 * every concern, and only the command line knows it.
 */
@NullMarked
package dev.herald.boot;

import org.jspecify.annotations.NullMarked;
