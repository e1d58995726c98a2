/**
 * What happens to a stored message after it was sent: the parts that a stream of them brings, kept in order. It owns their
 * tables, and touches PostgreSQL only; whoever is to be told is told by its caller.
 */
@NullMarked
package dev.herald.stream;

import org.jspecify.annotations.NullMarked;
