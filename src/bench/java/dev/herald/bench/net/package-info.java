/** Thousands of clients on one thread, as cheap as they can be made: the servers under test share its cores. */
@NullMarked
package dev.herald.bench.net;

import org.jspecify.annotations.NullMarked;
