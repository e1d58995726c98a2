package dev.herald.presence;

import dev.herald.eventlog.EventLog.NewEvent;
import dev.herald.lifecycle.Backoff;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends edges to the event log in the order they were given: one append is under way at a time, what arrives meanwhile
 * goes with the next, and one that fails is tried again until it succeeds.
 */
final class EdgeLog {
    private static final Logger log = LoggerFactory.getLogger(EdgeLog.class);

    private static final int BOUND = 50_000;
    private static final int BATCH = 1_000;
    private static final long DEADLINE_SECONDS = 30;
    private static final String DATA_EXCEPTION = "22";

    private final Vertx vertx;
    private final Function<List<NewEvent>, Future<Void>> append;
    private final Runnable appended;
    private final Deque<NewEvent> waiting = new ArrayDeque<>();
    private final Backoff backoff = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2), new Random());
    private int batchSize = BATCH;
    private boolean appending;
    private @Nullable Promise<Void> flushed;

    /** @param appended run after each append */
    EdgeLog(Vertx vertx, Function<List<NewEvent>, Future<Void>> append, Runnable appended) {
        this.vertx = vertx;
        this.append = append;
        this.appended = appended;
    }

    /** Whoever causes edges asks this first; what is under way then may still pass the bound. */
    boolean hasRoom() {
        return waiting.size() < BOUND;
    }

    int size() {
        return waiting.size();
    }

    void add(List<NewEvent> events) {
        waiting.addAll(events);
        if (!appending && !waiting.isEmpty()) {
            append();
        }
    }

    /** Answers when nothing waits any more. */
    Future<Void> flush() {
        if (waiting.isEmpty()) {
            return Future.succeededFuture();
        }
        if (flushed == null) {
            flushed = Promise.promise();
        }
        return flushed.future();
    }

    private void append() {
        appending = true;
        List<NewEvent> batch = waiting.stream().limit(batchSize).toList();
        append.apply(batch)
                .timeout(DEADLINE_SECONDS, TimeUnit.SECONDS)
                .onSuccess(done -> {
                    appended.run();
                    batchSize = BATCH;
                    next(batch.size());
                })
                .onFailure(cause -> failed(batch, cause));
    }

    private void next(int done) {
        for (int i = 0; i < done; i++) {
            waiting.removeFirst();
        }
        backoff.reset();
        appending = false;
        if (!waiting.isEmpty()) {
            append();
        } else if (flushed != null) {
            flushed.complete();
            flushed = null;
        }
    }

    /** What the database will never take must not hold up the rest: it is looked for one by one and left out. */
    private void failed(List<NewEvent> batch, Throwable cause) {
        if (cause instanceof PgException refused
                && String.valueOf(refused.getSqlState()).startsWith(DATA_EXCEPTION)) {
            if (batch.size() == 1) {
                log.error("event refused for good: {}", batch.getFirst(), cause);
                next(1);
                return;
            }
            batchSize = 1;
        }
        log.warn("appending events={} failed, it is tried again: {}", waiting.size(), String.valueOf(cause));
        vertx.setTimer(backoff.next().toMillis(), timer -> append());
    }
}
