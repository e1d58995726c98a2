/** What the machine can do without a product on it: the limits that the figures stand beside. */
@NullMarked
package dev.herald.bench.floor;

import org.jspecify.annotations.NullMarked;
