package dev.herald.presence.session;

import dev.herald.lifecycle.Backoff;
import dev.herald.presencelog.Edge;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends edges to the event log in the order they were given: what arrives during an append goes with the next, and one
 * that fails is tried again until it succeeds. The log keeps an event once, so one that only seems to have failed does
 * no harm, even if it is still under way.
 */
public final class EdgeLog {
    private static final Logger log = LoggerFactory.getLogger(EdgeLog.class);

    private static final int BOUND = 50_000;
    private static final int BATCH = 1_000;

    /** While edges come faster than appends are done, each append waits so long for more to go with it. */
    private static final long LINGER_MS = 20;

    /** Classes of PostgreSQL's refusals for what a row holds: no other try will do better. */
    private static final Set<String> OF_THE_ROW = Set.of("22", "23");

    private final Vertx vertx;
    private final Duration deadline;
    private final Function<List<Edge>, Future<Void>> append;
    private final Consumer<List<Edge>> recorded;
    private final Runnable refused;
    private final Deque<Edge> waiting = new ArrayDeque<>();
    private final Map<String, Long> newest = new HashMap<>();
    private final Backoff backoff = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2), new Random());
    private int batchSize = BATCH;
    private boolean appending;
    private @Nullable Promise<Void> flushed;

    /**
     * @param deadline of one append
     * @param recorded is told what need not be kept any more
     * @param refused is run for an edge that the database will never take
     */
    EdgeLog(
            Vertx vertx,
            Duration deadline,
            Function<List<Edge>, Future<Void>> append,
            Consumer<List<Edge>> recorded,
            Runnable refused) {
        this.vertx = vertx;
        this.deadline = deadline;
        this.append = append;
        this.recorded = recorded;
        this.refused = refused;
    }

    /** Whoever causes edges asks this first; what is under way then may still pass the bound. */
    public boolean hasRoom() {
        return waiting.size() < BOUND;
    }

    public int size() {
        return waiting.size();
    }

    /** Version of the newest edge of the user that waits here, with all before it; 0: none waits. */
    long newest(String uid) {
        return newest.getOrDefault(uid, 0L);
    }

    /** @param edges of one user by version; those that wait here already are passed over */
    void add(List<Edge> edges) {
        for (Edge edge : edges) {
            if (edge.version() > newest(edge.uid())) {
                newest.put(edge.uid(), edge.version());
                waiting.add(edge);
            }
        }
        if (!appending && !waiting.isEmpty()) {
            append();
        }
    }

    /** Answers when nothing waits any more. */
    public Future<Void> flush() {
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
        List<Edge> batch = waiting.stream().limit(batchSize).toList();
        append.apply(batch)
                .timeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
                .onSuccess(done -> next(batch))
                .onFailure(cause -> failed(batch, cause));
    }

    private void next(List<Edge> done) {
        for (Edge edge : done) {
            waiting.removeFirst();
            newest.remove(edge.uid(), edge.version());
        }
        recorded.accept(done);
        backoff.reset();
        boolean hurry = waiting.size() >= BATCH || batchSize < BATCH || flushed != null;
        batchSize = Math.min(BATCH, 2 * batchSize);
        if (hurry) {
            appendWhatCame();
        } else {
            vertx.setTimer(LINGER_MS, timer -> appendWhatCame());
        }
    }

    private void appendWhatCame() {
        appending = false;
        if (!waiting.isEmpty()) {
            append();
        } else if (flushed != null) {
            flushed.complete();
            flushed = null;
        }
    }

    /** What the database will never take must not hold up the rest: it is looked for by halves and left out. */
    private void failed(List<Edge> batch, Throwable cause) {
        if (cause instanceof PgException refusal
                && OF_THE_ROW.contains(String.valueOf(refusal.getSqlState()).substring(0, 2))) {
            if (batch.size() == 1) {
                refused.run();
                log.error("event refused for good: {}", batch.getFirst(), cause);
                next(batch);
                return;
            }
            batchSize = batch.size() / 2;
        }
        log.warn("appending events={} failed, it is tried again: {}", waiting.size(), String.valueOf(cause));
        vertx.setTimer(backoff.next().toMillis(), timer -> append());
    }
}
