package dev.herald.lifecycle;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Counts the work under way on one context: refuses what exceeds the bound, and tells when the last is done. */
public final class InFlight {
    private final int bound;
    private int count;
    private @Nullable Promise<Void> drained;

    public InFlight(int bound) {
        this.bound = bound;
    }

    public int count() {
        return count;
    }

    public <T> Future<T> run(Supplier<Future<T>> work) {
        return run(bound, work);
    }

    /**
     * Of what matters less, and so is refused first.
     *
     * @param share of the bound: more than so much, of whatever kind, may not be under way already
     */
    public <T> Future<T> run(int share, Supplier<Future<T>> work) {
        if (drained != null) {
            return Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, "shutting down"));
        }
        if (count >= share) {
            return Future.failedFuture(new HeraldException(Failure.OVERLOADED, share + " requests are under way"));
        }
        count++;
        Future<T> result;
        try {
            result = work.get();
        } catch (RuntimeException e) {
            result = Future.failedFuture(e);
        }
        return result.onComplete(done -> release());
    }

    /** Refuses from now on; the answer comes when nothing is under way. */
    public Future<Void> drain() {
        if (drained == null) {
            drained = Promise.promise();
        }
        if (count == 0) {
            drained.tryComplete();
        }
        return drained.future();
    }

    private void release() {
        count--;
        if (count == 0 && drained != null) {
            drained.tryComplete();
        }
    }
}
