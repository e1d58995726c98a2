package dev.herald.presence;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;

/** Keeps a long walk from taking the node from everybody else: it rests for as long as it worked. */
final class Pace {
    private static final long LONGEST_MS = Duration.ofSeconds(1).toMillis();

    private Pace() {}

    /** @param begun when the work began, by {@code System.nanoTime} */
    static Future<Void> rest(Vertx vertx, long begun) {
        Promise<Void> rested = Promise.promise();
        long workedMs = Duration.ofNanos(System.nanoTime() - begun).toMillis();
        vertx.setTimer(Math.clamp(workedMs, 1, LONGEST_MS), timer -> rested.complete());
        return rested.future();
    }
}
