/** What happens to a stored message after it was sent: the parts that a stream of them brings, kept in order. */
@NullMarked
package dev.herald.stream;

import org.jspecify.annotations.NullMarked;
