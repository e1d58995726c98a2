package dev.herald.presence.reconcile;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Keeps long walks from taking the node from everybody else: they rest for as long as they worked, and further until
 * there is room for what they find. They end with the node.
 */
final class Pace {
    private static final long LONGEST_MS = Duration.ofSeconds(1).toMillis();

    private final Vertx vertx;
    private final BooleanSupplier room;
    private boolean stopped;

    Pace(Vertx vertx, BooleanSupplier room) {
        this.vertx = vertx;
        this.room = room;
    }

    /** Every walk ends at its next rest. */
    void stop() {
        stopped = true;
    }

    /** @param begun when the work began, by {@code System.nanoTime} */
    Future<Void> rest(long begun) {
        long workedMs = Duration.ofNanos(System.nanoTime() - begun).toMillis();
        return vertx.timer(Math.clamp(workedMs, 1, LONGEST_MS), TimeUnit.MILLISECONDS)
                .compose(rested -> {
                    if (stopped) {
                        return Future.failedFuture("the node stops");
                    }
                    return room.getAsBoolean() ? Future.succeededFuture() : rest(begun);
                });
    }
}
