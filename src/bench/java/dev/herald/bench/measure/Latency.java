package dev.herald.bench.measure;

import org.HdrHistogram.Histogram;

/**
 * Durations in microseconds, to three digits, of what was due after {@link #begin} and has ended, however late; one thread
 * writes.
 */
public final class Latency {
    private static final long MAX_MICROS = 600_000_000;

    private final Histogram micros = new Histogram(MAX_MICROS, 3);
    private long begun = System.nanoTime();

    /** Forgets what was recorded, and records nothing of what was due until now. */
    public void begin() {
        micros.reset();
        begun = System.nanoTime();
    }

    /** @param due when it should have begun, of {@link System#nanoTime}: whoever began it too late hides nothing */
    public void ended(long due) {
        if (due >= begun) {
            micros.recordValue(Math.clamp((System.nanoTime() - due) / 1000, 0, MAX_MICROS));
        }
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
