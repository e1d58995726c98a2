package dev.herald.bench.measure;

import org.HdrHistogram.Histogram;

/** Durations in microseconds, to three digits; one thread writes. */
public final class Latency {
    private static final long MAX_MICROS = 600_000_000;

    private final Histogram micros = new Histogram(MAX_MICROS, 3);

    public void recordNanos(long nanos) {
        micros.recordValue(Math.clamp(nanos / 1000, 0, MAX_MICROS));
    }

    public void reset() {
        micros.reset();
    }

    public long count() {
        return micros.getTotalCount();
    }

    public double millisAt(double percentile) {
        return micros.getValueAtPercentile(percentile) / 1000.0;
    }

    public double maxMillis() {
        return micros.getMaxValue() / 1000.0;
    }
}
