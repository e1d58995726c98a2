/**
 * The nodes that take part, in Redis: this one's lease and its list of users, what it sees of the others, and in
 * PostgreSQL who takes over from whom. It knows nothing of sessions.
 */
@NullMarked
package dev.herald.presence.node;

import org.jspecify.annotations.NullMarked;
