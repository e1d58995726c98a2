package dev.herald.it;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.Supplier;

/** An event loop that a test does work on, as a verticle would, and waits for it. */
public record OnLoop(Context context) {

    public <T> T call(Supplier<Future<T>> work) {
        Promise<T> promise = Promise.promise();
        context.runOnContext(go -> work.get().onComplete(promise));
        return Sql.await(promise.future());
    }

    /** What the work gave, complete, whether it succeeded or failed. */
    public <T> Future<T> settled(Supplier<Future<T>> work) {
        return call(() -> {
            Future<T> result = work.get();
            return result.transform(done -> Future.succeededFuture(result));
        });
    }
}
