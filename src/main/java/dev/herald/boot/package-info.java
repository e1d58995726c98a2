/** Puts the parts together and starts and stops them in order, with the embedded stores if none are given. */
@NullMarked
package dev.herald.boot;

import org.jspecify.annotations.NullMarked;
