package dev.herald.fanout;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Supplier;

/** Work on one context of which so much is under way at once; the rest waits for its turn, first come first served. */
final class Turns {
    private final int most;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int underWay;

    Turns(int most) {
        this.most = most;
    }

    /** Whoever calls bounds how much may wait. */
    <T> Future<T> take(Supplier<Future<T>> work) {
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
