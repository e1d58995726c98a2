package dev.herald.fanout;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.redis.RedisGateway;
import dev.herald.redis.RedisScript;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.redis.client.Response;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * The durable copy of the cursors. Redis moves them; the users whose cursors moved are gathered here and written to
 * PostgreSQL in one statement a second.
 */
final class DeviceCursors {
    private static final RedisScript CURSORS = InboxCalls.load("inbox-cursors");
    private static final int BATCH = 256;

    /** Further users are not noted: their durable copy stays old, which costs repeats if Redis is lost. */
    private static final int MAX_GATHERED = 100_000;

    private static final long NOTHING_UNREAD = Long.MAX_VALUE;

    private static final String UPSERT = """
            insert into device_cursor (uid, device_flag, seq, floor, tail, epoch, as_of)
            select uid, flag, seq, floor, tail, $6, $7
            from unnest($1::text[], $2::smallint[], $3::bigint[], $4::bigint[], $5::bigint[])
                as c(uid, flag, seq, floor, tail)
            order by uid, flag
            on conflict (uid, device_flag) do update
            set seq = greatest(device_cursor.seq, excluded.seq), floor = excluded.floor,
                tail = greatest(device_cursor.tail, excluded.tail), epoch = excluded.epoch,
                as_of = excluded.as_of
            where excluded.as_of > device_cursor.as_of and excluded.epoch >= device_cursor.epoch""";

    private final SqlClient pg;
    private final RedisGateway redis;
    private final InboxCalls calls;
    private final Epoch epoch;
    private final Runnable onUrgent;
    private final Map<String, Promise<Void>> moved = new LinkedHashMap<>();

    /** @param onUrgent told when somebody waits for the next {@link #flush} */
    DeviceCursors(SqlClient pg, RedisGateway redis, InboxCalls calls, Epoch epoch, Runnable onUrgent) {
        this.pg = pg;
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
        return pg.query("select clock_timestamp() as now")
                .execute()
                .compose(clock -> {
                    OffsetDateTime asOf = clock.iterator().next().getOffsetDateTime("now");
                    return calls.evalEach(CURSORS, uids).compose(answers -> epoch.check(redis)
                            .compose(checked -> epoch.number() == begun
                                    ? pg.preparedQuery(UPSERT).execute(tuple(rows(answers), begun, asOf))
                                    : Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, "an epoch began"))));
                })
                .mapEmpty();
    }

    private static List<Row> rows(Map<String, Response> answers) {
        List<Row> rows = new ArrayList<>();
        answers.forEach((uid, answer) -> rows.addAll(Row.of(uid, answer)));
        return rows;
    }

    private static Tuple tuple(List<Row> rows, long epoch, OffsetDateTime asOf) {
        return Tuple.of(
                column(rows, Row::uid, String[]::new),
                column(rows, Row::flag, Short[]::new),
                column(rows, Row::seq, Long[]::new),
                column(rows, Row::floor, Long[]::new),
                column(rows, Row::tail, Long[]::new),
                epoch,
                asOf);
    }

    private static <T> T[] column(List<Row> rows, Function<Row, T> value, IntFunction<T[]> array) {
        return rows.stream().map(value).toArray(array);
    }

    /** @param floor commands with an id up to this are acknowledged, as far as they had been appended */
    private record Row(String uid, Short flag, Long seq, Long floor, Long tail) {

        /** Of a user without any cursor only the tail is known. */
        static List<Row> of(String uid, Response answer) {
            long tail = Inboxes.number(answer.get(0));
            List<Row> rows = new ArrayList<>();
            for (int i = 1; i < answer.size(); i += 3) {
                int flag = Inboxes.flag(answer.get(i).toString());
                long lowest = Inboxes.number(answer.get(i + 2));
                rows.add(new Row(
                        uid,
                        (short) flag,
                        Inboxes.number(answer.get(i + 1)),
                        lowest == 0 ? NOTHING_UNREAD : lowest - 1,
                        tail));
            }
            return rows.isEmpty() ? List.of(new Row(uid, (short) Inboxes.NO_READER, 0L, 0L, tail)) : rows;
        }
    }
}
