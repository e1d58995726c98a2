package dev.herald.webhook;

import java.time.Duration;

/** How many requests an endpoint may be given: all while it answers, one at a time and with pauses while it does not. */
final class Gate {
    /** So many failures without a success between them mean that the endpoint fails, not a batch. */
    static final int FAILURES = 3;

    private final int concurrency;
    private final long pauseNanos;
    private int failures;
    private long pausedUntil;

    Gate(int concurrency, Duration pause) {
        this.concurrency = concurrency;
        this.pauseNanos = pause.toNanos();
    }

    /** @param nowNanos of one clock that never goes back */
    int room(int underWay, long nowNanos) {
        if (failures < FAILURES) {
            return Math.max(0, concurrency - underWay);
        }
        return underWay == 0 && nowNanos - pausedUntil >= 0 ? 1 : 0;
    }

    void failed(long nowNanos) {
        failures++;
        pausedUntil = nowNanos + pauseNanos;
    }

    /** True if the endpoint is back. */
    boolean succeeded() {
        boolean back = failures >= FAILURES;
        failures = 0;
        return back;
    }
}
