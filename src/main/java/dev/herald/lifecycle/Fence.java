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

    private final AtomicReference<State> state =
            new AtomicReference<>(new State(0, System.nanoTime(), Long.MAX_VALUE, 0));

    /**
     * @param leaseEnd in nanoseconds, {@code Long.MAX_VALUE} before there was a lease
     * @param lease its length in nanoseconds
     */
    private record State(long term, long beatAt, long leaseEnd, long lease) {
        /** Who was awake when its lease ended, as with a Redis that is away, may pause; but not as long as a lease. */
        boolean slept(long now) {
            long asleep = now - beatAt;
            return leaseEnd != Long.MAX_VALUE
                    && now - leaseEnd >= 0
                    && asleep >= (leaseEnd - beatAt > 0 ? SLEEP_NANOS : lease);
        }

        State at(long now, long end, long length) {
            return new State(slept(now) ? term + 1 : term, now, end, length);
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
     * @param lease how long it is, in nanoseconds
     * @return the term
     */
    public long beat(long leaseEnd, long lease) {
        return beat(System.nanoTime(), leaseEnd, lease);
    }

    /** Asked for every frame by every thread, so it writes only when there is something to write. */
    long term(long now) {
        State last = state.get();
        return last.slept(now)
                ? state.updateAndGet(known -> known.slept(now) ? known.at(now, known.leaseEnd, known.lease) : known)
                        .term
                : last.term;
    }

    long beat(long now, long leaseEnd, long lease) {
        return state.updateAndGet(known -> known.at(now, leaseEnd, lease)).term;
    }
}
