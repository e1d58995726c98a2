package dev.herald.presence;

import io.vertx.core.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How long presence waits for an answer of Redis. */
final class InTime {
    private static final long DEADLINE_SECONDS = 3;

    private InTime() {}

    static <T extends @Nullable Object> Future<T> of(Future<T> call) {
        return call.timeout(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }
}
