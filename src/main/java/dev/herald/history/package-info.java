/** Looks after what is stored: tells members that a channel is alive, and ends messages. */
@NullMarked
package dev.herald.history;

import org.jspecify.annotations.NullMarked;
