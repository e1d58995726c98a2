/**
 * What a node remembers of the way of commands and messages, for whoever traces one. Whoever takes a step notes it in a
 * trail of its own event loop; it knows nothing of them.
 */
@NullMarked
package dev.herald.trail;

import org.jspecify.annotations.NullMarked;
