package dev.herald.webhook.retry;

import java.time.Duration;

/**
 * How many requests an endpoint is given at once: half as many when it says that it is too much, and after a pause; one
 * more for every round of successes (as TCP does with its window). Times as in {@link Breaker}.
 */
final class Throttle {
    /** For a receiver that names none. */
    static final Duration PAUSE = Duration.ofMillis(500);

    private final int most;
    private double allowed;
    private long pausedUntil;
    private boolean paused;

    Throttle(int most) {
        this.most = most;
        this.allowed = most;
    }

    int room(int underWay, long now) {
        return opensIn(now) > 0 ? 0 : Math.max(0, (int) allowed - underWay);
    }

    /** Nanoseconds of the pause that are left. */
    long opensIn(long now) {
        return paused ? Math.max(0, pausedUntil - now) : 0;
    }

    void succeeded() {
        allowed = Math.min(most, allowed + 1 / allowed);
    }

    /**
     * Several refusals of one moment count once.
     *
     * @param asked by the receiver, in nanoseconds
     */
    void throttled(long asked, long now) {
        if (opensIn(now) == 0) {
            allowed = Math.max(1, allowed / 2);
        }
        long until = now + Math.max(asked, PAUSE.toNanos());
        pausedUntil = opensIn(now) == 0 ? until : Math.max(until, pausedUntil);
        paused = true;
    }
}
