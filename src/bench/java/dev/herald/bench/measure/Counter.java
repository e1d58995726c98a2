package dev.herald.bench.measure;

import java.util.function.LongSupplier;

/** How many of something there have been so far: {@code of} is its name, in the singular. */
public record Counter(String of, LongSupplier sum) {}
