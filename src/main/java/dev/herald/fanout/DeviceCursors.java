package dev.herald.fanout;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.redis.RedisGateway;
import dev.herald.redis.RedisScript;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.redis.client.Response;
import io.vertx.sqlclient.SqlClient;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The durable copy of the cursors. Redis moves them; the users whose cursors moved are gathered here and written to
 * PostgreSQL in one statement a second.
 */
final class DeviceCursors {
    private static final RedisScript CURSORS = InboxCalls.load("inbox-cursors");
    private static final int BATCH = 256;

    /** Further users are not noted: their durable copy stays old, which costs repeats if Redis is lost. */
    private static final int MAX_GATHERED = 100_000;

    private final SqlClient pg;
    private final CursorTable table;
    private final RedisGateway redis;
    private final InboxCalls calls;
    private final Epoch epoch;
    private final Runnable onUrgent;
    private final Map<String, Promise<Void>> moved = new LinkedHashMap<>();

    /** @param onUrgent told when somebody waits for the next {@link #flush} */
    DeviceCursors(
            SqlClient pg, CursorTable table, RedisGateway redis, InboxCalls calls, Epoch epoch, Runnable onUrgent) {
        this.pg = pg;
        this.table = table;
        this.redis = redis;
        this.calls = calls;
        this.epoch = epoch;
        this.onUrgent = onUrgent;
    }

    /** The user's cursors have moved. */
    void note(String uid) {
        if (moved.size() < MAX_GATHERED) {
            moved.computeIfAbsent(uid, it -> Promise.promise());
        }
    }

    /** Completes when the user's cursors, as they are now, are durable. */
    Future<Void> save(String uid) {
        note(uid);
        Promise<Void> saved = moved.get(uid);
        if (saved == null) {
            return Future.failedFuture(
                    new HeraldException(Failure.OVERLOADED, MAX_GATHERED + " users' cursors wait to be stored"));
        }
        onUrgent.run();
        return saved.future();
    }

    /** The same for many users, and for somebody who would rather not wait for a Redis that is away. */
    Future<?> refresh(List<String> uids) {
        return calls.arePossible()
                ? Future.join(uids.stream().map(this::save).toList())
                : Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, "Redis is away"));
    }

    /** Writes what is gathered now; what fails is gathered again. */
    Future<Void> flush() {
        return calls.arePossible() ? flush(moved.size()) : Future.succeededFuture();
    }

    private Future<Void> flush(int users) {
        if (users <= 0) {
            return Future.succeededFuture();
        }
        Map<String, Promise<Void>> batch = takeBatch();
        return store(List.copyOf(batch.keySet()))
                .onSuccess(stored -> batch.values().forEach(Promise::complete))
                .onFailure(cause -> batch.forEach((uid, result) -> {
                    note(uid);
                    result.fail(cause);
                }))
                .compose(stored -> flush(users - batch.size()));
    }

    private Map<String, Promise<Void>> takeBatch() {
        Map<String, Promise<Void>> batch = new LinkedHashMap<>();
        Iterator<Map.Entry<String, Promise<Void>>> entries = moved.entrySet().iterator();
        while (entries.hasNext() && batch.size() < BATCH) {
            Map.Entry<String, Promise<Void>> entry = entries.next();
            batch.put(entry.getKey(), entry.getValue());
            entries.remove();
        }
        return batch;
    }

    /** What Redis answers counts only if it was not lost until after the answer. */
    private Future<Void> store(List<String> uids) {
        long begun = epoch.number();
        return pg.query("select clock_timestamp() as now").execute().compose(clock -> {
            OffsetDateTime asOf = clock.iterator().next().getOffsetDateTime("now");
            return calls.evalEach(CURSORS, uids).compose(answers -> epoch.check(redis)
                    .compose(checked -> epoch.number() == begun
                            ? table.store(rows(answers), begun, asOf)
                            : Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, "an epoch began"))));
        });
    }

    private static List<CursorTable.Row> rows(Map<String, Response> answers) {
        List<CursorTable.Row> rows = new ArrayList<>();
        answers.forEach((uid, answer) -> rows.addAll(CursorTable.Row.of(uid, answer)));
        return rows;
    }
}
