package dev.herald.api.event;

import dev.herald.eventlog.EventFeed.Page;
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
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Callers that wait for the next events of a feed: one look at its end serves them all. */
public final class ChangeWaits {
    /** Of one instance. */
    private static final int BOUND = 256;

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
    public ChangeWaits(Vertx vertx, String feed, Supplier<Future<Position>> end, MeterRegistry registry) {
        this.vertx = vertx;
        this.end = end;
        this.waits = registry.more().longTaskTimer("herald.feed.waits", "feed", feed);
        this.refused = registry.counter("herald.feed.waits.refused", "feed", feed);
        this.looks = Periodic.start(vertx, "waits for " + feed, LOOK, this::look);
    }

    private record Waiter(Position after, long until, Promise<Void> done) {}

    /**
     * Reads the feed until there is something behind the place, or the time is over.
     *
     * @param longest wait, zero for none
     * @param response of the caller, who may leave before that
     * @param reader of the page behind a place
     */
    public Future<Page> read(
            Position from, Duration longest, HttpServerResponse response, Function<Position, Future<Page>> reader) {
        return read(from, System.nanoTime() + longest.toNanos(), response, reader);
    }

    private Future<Page> read(
            Position from, long until, HttpServerResponse response, Function<Position, Future<Page>> reader) {
        return reader.apply(from).compose(page -> {
            boolean ends = !page.more() && (stopped || until - System.nanoTime() <= 0);
            if (!page.events().isEmpty() || ends) {
                return Future.succeededFuture(page);
            }
            // Nothing that is wanted in what was looked through: on from its end.
            Future<Void> ready = page.more() ? Future.succeededFuture() : await(page.next(), until, response);
            return ready.compose(v -> read(page.next(), until, response, reader));
        });
    }

    private Future<Void> await(Position after, long until, HttpServerResponse response) {
        if (waiters.size() >= BOUND) {
            refused.increment();
            return Future.failedFuture(new HeraldException(Failure.OVERLOADED, BOUND + " callers wait for changes"));
        }
        Waiter waiter = new Waiter(after, until, Promise.promise());
        waiters.add(waiter);
        response.closeHandler(left -> waiter.done.tryFail(new HeraldException(Failure.TIMEOUT, "the caller left")));
        LongTaskTimer.Sample sample = waits.start();
        return waiter.done.future().onComplete(done -> {
            waiters.remove(waiter);
            sample.stop();
        });
    }

    public void wake() {
        looks.nudge();
    }

    /** Lets everybody go, and nobody wait any more. */
    public Future<Void> stop() {
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
