package dev.herald.lifecycle;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Lets through what comes at a steady rate, a second's worth at once, and gives the others a turn each, one after
 * another at the same rate: if they come back then, they come evenly. For any thread.
 */
public final class SharedRate {
    private static final long BURST_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Nobody waits for a turn that is further away; later ones share the last. */
    static final Duration LAST_TURN = Duration.ofSeconds(60);

    private final long intervalNanos;
    private final AtomicLong taken;
    private final AtomicLong given;

    /**
     * @param perSecond 0 lets everything through
     * @param now nanoseconds of a clock that never steps
     */
    public SharedRate(int perSecond, long now) {
        this.intervalNanos = perSecond == 0 ? 0 : BURST_NANOS / perSecond;
        this.taken = new AtomicLong(now);
        this.given = new AtomicLong(now);
    }

    /** False if it is too much now. */
    public boolean take(long now) {
        return step(taken, now, BURST_NANOS) >= 0;
    }

    /** How long who was refused should wait. */
    public Duration turn(long now) {
        long wait = step(given, now, LAST_TURN.toNanos());
        return wait < 0 ? LAST_TURN : Duration.ofNanos(wait);
    }

    /** The next place behind those that were taken, as nanoseconds from now; negative if it is too far away. */
    private long step(AtomicLong last, long now, long furthest) {
        while (true) {
            long known = last.get();
            long next = Math.max(0, known - now) + intervalNanos;
            if (next > furthest) {
                return -1;
            }
            if (last.compareAndSet(known, now + next)) {
                return next;
            }
        }
    }
}
