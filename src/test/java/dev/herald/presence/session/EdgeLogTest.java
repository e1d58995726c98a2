package dev.herald.presence.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.presencelog.Edge;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.pgclient.PgException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(VertxExtension.class)
class EdgeLogTest {
    private static final Duration DEADLINE = Duration.ofSeconds(2);

    private final List<List<Edge>> appends = new CopyOnWriteArrayList<>();
    private final Deque<Promise<Void>> underWay = new ArrayDeque<>();
    private final List<Edge> recorded = new CopyOnWriteArrayList<>();
    private final AtomicInteger refused = new AtomicInteger();
    private Context owner;
    private EdgeLog log;

    @BeforeEach
    void open(Vertx vertx) {
        owner = vertx.getOrCreateContext();
        log = new EdgeLog(vertx, DEADLINE, this::append, recorded::addAll, refused::incrementAndGet);
    }

    @Test
    void what_arrives_during_an_append_goes_with_the_next() {
        add(1, 1);
        add(2, 3);
        add(4, 4);
        assertThat(appends).containsExactly(edges(1, 1));

        succeed();
        await().until(() -> appends.size() == 2);
        assertThat(appends.get(1)).isEqualTo(edges(2, 4));
        assertThat(recorded).isEqualTo(edges(1, 1));
    }

    @Test
    void a_failed_append_is_repeated_before_anything_newer() {
        add(1, 2);
        add(3, 3);
        fail(new IllegalStateException("no database"));

        await().until(() -> appends.size() == 2);
        assertThat(appends.get(1)).startsWith(edges(1, 2).toArray(Edge[]::new));
        assertThat(recorded).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"22P05", "23514"})
    void an_event_that_no_database_takes_is_left_out_and_the_rest_is_kept(String state) {
        Predicate<Edge> bad = edge -> edge.uid().equals("2");
        List<Edge> stored = new CopyOnWriteArrayList<>();
        log = new EdgeLog(
                owner.owner(),
                DEADLINE,
                batch -> {
                    if (batch.stream().anyMatch(bad)) {
                        return Future.failedFuture(new PgException("bad row", "ERROR", state, ""));
                    }
                    stored.addAll(batch);
                    return Future.succeededFuture();
                },
                recorded::addAll,
                refused::incrementAndGet);
        add(1, 4);

        await().until(() -> stored.size() == 3);
        assertThat(stored).extracting(Edge::uid).containsExactly("1", "3", "4");
        await().until(() -> recorded.equals(edges(1, 4)));
        assertThat(refused).hasValue(1);
    }

    @Test
    void an_append_that_says_nothing_is_repeated_with_what_came_since() {
        add(1, 2);
        add(3, 3);

        await().until(() -> appends.size() == 2);
        assertThat(appends.get(1)).isEqualTo(edges(1, 3));
    }

    @Test
    void an_edge_that_waits_already_is_passed_over() {
        onOwner(() -> {
            log.add(List.of(edge("u1", 1), edge("u1", 2)));
            log.add(List.of(edge("u1", 1), edge("u1", 2), edge("u1", 3)));
        });
        assertThat(newest("u1")).isEqualTo(3);

        succeed();
        await().until(() -> appends.size() == 2);
        assertThat(appends.get(1)).containsExactly(edge("u1", 3));
        succeed();
        await().until(() -> newest("u1") == 0);
        assertThat(recorded).hasSize(3);
    }

    @Test
    void a_flush_ends_when_the_last_edge_is_recorded() {
        add(1, 1);
        AtomicBoolean flushed = new AtomicBoolean();
        onOwner(() -> log.flush().onSuccess(done -> flushed.set(true)));
        add(2, 2);

        succeed();
        await().until(() -> appends.size() == 2);
        assertThat(flushed).isFalse();
        succeed();
        await().untilTrue(flushed);
    }

    @Test
    void a_full_log_says_so() {
        AtomicBoolean room = new AtomicBoolean();
        add(1, 49_999);
        onOwner(() -> room.set(log.hasRoom()));
        assertThat(room).isTrue();

        add(50_000, 50_000);
        onOwner(() -> room.set(log.hasRoom()));
        assertThat(room).isFalse();
    }

    private Future<Void> append(List<Edge> batch) {
        Promise<Void> promise = Promise.promise();
        underWay.add(promise);
        appends.add(batch);
        return promise.future();
    }

    private void add(int from, int to) {
        onOwner(() -> log.add(edges(from, to)));
    }

    private void succeed() {
        onOwner(() -> underWay.remove().complete());
    }

    private void fail(Throwable cause) {
        onOwner(() -> underWay.remove().fail(cause));
    }

    /** Runs it on the context that owns the log, and waits until it has run. */
    private void onOwner(Runnable action) {
        Promise<Void> ran = Promise.promise();
        owner.runOnContext(now -> {
            action.run();
            ran.complete();
        });
        ran.future()
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
    }

    private long newest(String uid) {
        AtomicLong newest = new AtomicLong();
        onOwner(() -> newest.set(log.newest(uid)));
        return newest.get();
    }

    private static List<Edge> edges(int from, int to) {
        return IntStream.rangeClosed(from, to)
                .mapToObj(i -> edge(Integer.toString(i), i))
                .toList();
    }

    private static Edge edge(String uid, long version) {
        return Edges.of(uid, version, true);
    }
}
