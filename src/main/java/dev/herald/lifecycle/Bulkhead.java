package dev.herald.lifecycle;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Supplier;

/** Work on one context of which so much is under way at once; the rest waits for its turn, first come first served. */
public final class Bulkhead {
    private final int most;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int underWay;

    public Bulkhead(int most) {
        this.most = most;
    }

    /** Whoever calls bounds how much may wait. */
    public <T> Future<T> run(Supplier<Future<T>> work) {
        Promise<T> result = Promise.promise();
        waiting.add(() -> work.get().onComplete(result).onComplete(done -> {
            underWay--;
            next();
        }));
        next();
        return result.future();
    }

    private void next() {
        while (underWay < most && !waiting.isEmpty()) {
            underWay++;
            waiting.remove().run();
        }
    }
}
