/** What can go wrong, mapped once to the bus, to HTTP and to close codes. It depends on nothing but the JDK. */
@NullMarked
package dev.herald.failure;

import org.jspecify.annotations.NullMarked;
