package dev.herald.lifecycle;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Supplier;

/** Work on one context of which so much is under way at once; the rest waits for its turn, first come first served. */
public final class Bulkhead {
    private final int most;
    private final int mayWait;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int underWay;

    /** Whoever calls bounds how much may wait. */
    public Bulkhead(int most) {
        this(most, Integer.MAX_VALUE);
    }

    /** @param mayWait what comes on top is refused at once */
    public Bulkhead(int most, int mayWait) {
        this.most = most;
        this.mayWait = mayWait;
    }

    /** Fails with {@link Failure#OVERLOADED} if too much waits already. */
    public <T> Future<T> run(Supplier<Future<T>> work) {
        if (underWay >= most && waiting.size() >= mayWait) {
            return Future.failedFuture(new HeraldException(Failure.OVERLOADED, "too much waits already"));
        }
        Promise<T> result = Promise.promise();
        // The place is free before anybody hears of it, so that whoever throws then keeps none.
        waiting.add(() -> begun(work)
                .onComplete(done -> {
                    underWay--;
                    next();
                })
                .onComplete(result));
        next();
        return result.future();
    }

    private void next() {
        while (underWay < most && !waiting.isEmpty()) {
            underWay++;
            waiting.remove().run();
        }
    }

    private static <T> Future<T> begun(Supplier<Future<T>> work) {
        try {
            return work.get();
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }
}
