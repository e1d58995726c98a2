package dev.herald.presence;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;

/** Keeps long walks from taking the node from everybody else: they rest for as long as they worked, and end with the node. */
final class Pace {
    private static final long LONGEST_MS = Duration.ofSeconds(1).toMillis();

    private final Vertx vertx;
    private boolean stopped;

    Pace(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Every walk ends at its next rest. */
    void stop() {
        stopped = true;
    }

    /** @param begun when the work began, by {@code System.nanoTime} */
    Future<Void> rest(long begun) {
        Promise<Void> rested = Promise.promise();
        long workedMs = Duration.ofNanos(System.nanoTime() - begun).toMillis();
        vertx.setTimer(Math.clamp(workedMs, 1, LONGEST_MS), timer -> {
            if (stopped) {
                rested.fail("the node stops");
            } else {
                rested.complete();
            }
        });
        return rested.future();
    }
}
