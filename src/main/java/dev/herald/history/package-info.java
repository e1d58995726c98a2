/**
 * Looks after what is stored: tells members that a channel is alive, and ends messages whose time is over. It touches
 * PostgreSQL only, and nobody waits for it.
 */
@NullMarked
package dev.herald.history;

import org.jspecify.annotations.NullMarked;
