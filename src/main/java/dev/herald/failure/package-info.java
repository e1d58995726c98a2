/** What can go wrong, mapped once to the bus, to HTTP and to close codes. */
@NullMarked
package dev.herald.failure;

import org.jspecify.annotations.NullMarked;
