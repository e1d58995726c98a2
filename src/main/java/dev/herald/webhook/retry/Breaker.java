package dev.herald.webhook.retry;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Spares an endpoint that fails: after some failures without a success between them nothing is sent for a while, then one
 * probe. Its success closes the circuit, its failure makes the next pause twice as long. Times are of one clock that never
 * goes back, in nanoseconds.
 */
public final class Breaker {
    /** So many failures in a row mean that the endpoint fails, not a batch. */
    public static final int FAILURES = 5;

    private final long firstPause;
    private final long longestPause;
    private final RandomGenerator random;
    private int failures;
    private boolean open;
    private boolean probing;
    private long pause;
    private long openUntil;

    /** @param random draws each pause from its upper half, so that nodes do not probe in step */
    Breaker(Duration firstPause, Duration longestPause, RandomGenerator random) {
        this.firstPause = firstPause.toNanos();
        this.longestPause = longestPause.toNanos();
        this.random = random;
    }

    public enum State {
        CLOSED,
        OPEN,
        HALF_OPEN
    }

    State state(long now) {
        return !open ? State.CLOSED : now - openUntil < 0 ? State.OPEN : State.HALF_OPEN;
    }

    /** How many requests may begin now, however many are under way. */
    int room(long now) {
        return switch (state(now)) {
            case CLOSED -> Integer.MAX_VALUE;
            case OPEN -> 0;
            case HALF_OPEN -> probing ? 0 : 1;
        };
    }

    /** Nanoseconds until there may be room, if time alone can make it. */
    long opensIn(long now) {
        return Math.max(0, openUntil - now);
    }

    /** A request begins; true if it is the probe, which is to be said again at its end. */
    boolean begin() {
        if (!open || probing) {
            return false;
        }
        probing = true;
        return true;
    }

    /** True if the endpoint is back. */
    boolean succeeded() {
        boolean back = open;
        open = false;
        probing = false;
        failures = 0;
        pause = 0;
        return back;
    }

    /** @param asked longest pause that the receiver asked for, in nanoseconds */
    void failed(boolean probe, long asked, long now) {
        failures++;
        if (probe) {
            probing = false;
        }
        if (open ? probe : failures >= FAILURES) {
            open = true;
            pause = Math.min(longestPause, pause == 0 ? firstPause : pause * 2);
            openUntil = now + Math.max(asked, pause - random.nextLong(pause / 2 + 1));
        }
    }

    /** A request ended without a word about the endpoint. */
    void abandoned(boolean probe) {
        if (probe) {
            probing = false;
        }
    }
}
