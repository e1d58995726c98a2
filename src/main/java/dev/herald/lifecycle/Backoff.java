package dev.herald.lifecycle;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Waits that double up to a cap, each drawn from its upper half so that many waiters do not return in step. */
public final class Backoff {
    private static final int MAX_DOUBLINGS = 30;

    private final Duration first;
    private final Duration cap;
    private final RandomGenerator random;
    private int attempts;

    public Backoff(Duration first, Duration cap, RandomGenerator random) {
        this.first = first;
        this.cap = cap;
        this.random = random;
    }

    public Duration next() {
        long full = Math.min(cap.toMillis(), first.toMillis() << Math.min(attempts, MAX_DOUBLINGS));
        attempts++;
        return Duration.ofMillis(full - random.nextLong(full / 2 + 1));
    }

    public void reset() {
        attempts = 0;
    }
}
