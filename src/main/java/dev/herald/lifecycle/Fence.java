package dev.herald.lifecycle;

import io.vertx.core.Vertx;
import io.vertx.core.shareddata.Shareable;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Notices, on whatever thread comes first, that this process slept through the end of its lease: others may have taken
 * over what it had. Everything that belongs to an earlier term than the current one is to be given up untouched.
 */
public final class Fence implements Shareable {
    /** A process that has shown no sign of life for so long was not running. */
    private static final long SLEEP_NANOS = Duration.ofSeconds(3).toNanos();

    private final AtomicReference<State> state = new AtomicReference<>(new State(0, System.nanoTime(), Long.MAX_VALUE));

    /** @param leaseEnd in nanoseconds, {@code Long.MAX_VALUE} before there was a lease */
    private record State(long term, long beatAt, long leaseEnd) {
        boolean slept(long now) {
            return leaseEnd != Long.MAX_VALUE
                    && now - leaseEnd >= 0
                    && leaseEnd - beatAt > 0
                    && now - beatAt >= SLEEP_NANOS;
        }
    }

    public static Fence of(Vertx vertx) {
        return NodeLocal.of(vertx, Fence.class, Fence::new);
    }

    /** It only grows, and by every sleep that the lease did not outlast. */
    public long term() {
        return term(System.nanoTime());
    }

    /**
     * A sign of life, given at least every second.
     *
     * @param leaseEnd when the lease ends, on the clock of {@code System.nanoTime}
     * @return the term
     */
    public long beat(long leaseEnd) {
        return beat(System.nanoTime(), leaseEnd);
    }

    /** Asked for every frame by every thread, so it writes only when there is something to write. */
    long term(long now) {
        State last = state.get();
        return last.slept(now)
                ? state.updateAndGet(known -> known.slept(now) ? new State(known.term + 1, now, known.leaseEnd) : known)
                        .term
                : last.term;
    }

    long beat(long now, long leaseEnd) {
        return state.updateAndGet(known -> new State(known.slept(now) ? known.term + 1 : known.term, now, leaseEnd))
                .term;
    }
}
