package dev.herald.socket;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

/**
 * As many logins at once as the stores answer quickly, the others in the order of their coming. Who would have to wait
 * too long is sent away at once, and not when the client has given up. Owned by one event loop.
 */
final class Logins {
    /** Under way on one event loop: each is two or three questions to the stores. */
    static final int AT_ONCE = 64;

    /** What a loop gets done in less than a client's patience, also on a busy machine. */
    static final int WAITING = 512;

    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private int underWay;

    /** Fails with {@link Failure#OVERLOADED} if too many wait already. */
    <T> Future<T> run(Supplier<Future<T>> login) {
        if (underWay >= AT_ONCE && waiting.size() >= WAITING) {
            return Future.failedFuture(new HeraldException(Failure.OVERLOADED, "too many logins at once"));
        }
        Promise<T> answer = Promise.promise();
        waiting.add(() -> {
            underWay++;
            begun(login).onComplete(done -> {
                underWay--;
                proceed();
                answer.handle(done);
            });
        });
        proceed();
        return answer.future();
    }

    private void proceed() {
        while (underWay < AT_ONCE && !waiting.isEmpty()) {
            waiting.remove().run();
        }
    }

    private static <T> Future<T> begun(Supplier<Future<T>> login) {
        try {
            return login.get();
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }
}
