package dev.herald.api;

import dev.herald.eventlog.Position;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.lifecycle.Periodic;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Callers that wait for the next events: one look at the end of the feed serves them all. */
final class ChangeWaits {
    /** Of one instance. */
    static final int BOUND = 256;

    /** A wake-up may be lost, or come while an older transaction still holds the change back. */
    private static final Duration LOOK = Duration.ofMillis(250);

    /** Between two looks, however often it is woken. */
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final Vertx vertx;
    private final Supplier<Future<Position>> end;
    private final Set<Waiter> waiters = new LinkedHashSet<>();
    private final LongTaskTimer waits;
    private final Counter refused;
    private final Periodic looks;
    private boolean stopped;

    /**
     * @param feed its name in the metrics
     * @param end the place behind the newest event that can be read
     */
    ChangeWaits(Vertx vertx, String feed, Supplier<Future<Position>> end, MeterRegistry registry) {
        this.vertx = vertx;
        this.end = end;
        this.waits = registry.more().longTaskTimer("herald.feed.waits", "feed", feed);
        this.refused = registry.counter("herald.feed.waits.refused", "feed", feed);
        this.looks = Periodic.start(vertx, "waits for " + feed, LOOK, this::look);
    }

    private record Waiter(Position after, long until, Promise<Void> done) {}

    /**
     * Answers when there may be something behind the place, or when the time is over.
     *
     * @param response of the caller, who may leave before that
     */
    Future<Void> await(Position after, Duration longest, HttpServerResponse response) {
        if (stopped) {
            return Future.succeededFuture();
        }
        if (waiters.size() >= BOUND) {
            refused.increment();
            return Future.failedFuture(new HeraldException(Failure.OVERLOADED, BOUND + " callers wait for changes"));
        }
        Waiter waiter = new Waiter(after, System.nanoTime() + longest.toNanos(), Promise.promise());
        waiters.add(waiter);
        response.closeHandler(left -> waiter.done.tryFail(new HeraldException(Failure.TIMEOUT, "the caller left")));
        LongTaskTimer.Sample sample = waits.start();
        return waiter.done.future().onComplete(done -> {
            waiters.remove(waiter);
            sample.stop();
        });
    }

    void wake() {
        looks.nudge();
    }

    boolean isStopped() {
        return stopped;
    }

    /** Lets everybody go, and nobody wait any more. */
    Future<Void> stop() {
        stopped = true;
        List.copyOf(waiters).forEach(waiter -> waiter.done.tryComplete());
        return looks.stop();
    }

    private Future<?> look() {
        if (waiters.isEmpty()) {
            return Future.succeededFuture();
        }
        long now = System.nanoTime();
        release(waiter -> now - waiter.until >= 0);
        return end.get().compose(place -> {
            release(waiter -> waiter.after.compareTo(place) < 0);
            return vertx.timer(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        });
    }

    private void release(Predicate<Waiter> due) {
        waiters.stream().filter(due).toList().forEach(waiter -> waiter.done.tryComplete());
    }
}
