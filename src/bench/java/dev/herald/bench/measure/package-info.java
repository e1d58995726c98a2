/** Latencies, costs, correctness, and the report of them. */
@NullMarked
package dev.herald.bench.measure;

import org.jspecify.annotations.NullMarked;
