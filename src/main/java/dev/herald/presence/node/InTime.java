package dev.herald.presence.node;

import io.vertx.core.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How long presence waits for an answer of Redis. */
public final class InTime {
    private static final long DEADLINE_SECONDS = 3;

    private InTime() {}

    public static <T extends @Nullable Object> Future<T> of(Future<T> call) {
        return call.timeout(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }
}
