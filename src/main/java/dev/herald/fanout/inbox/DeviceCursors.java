package dev.herald.fanout.inbox;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.fanout.epoch.Epoch;
import dev.herald.fanout.inbox.InboxCalls.Run;
import dev.herald.redis.RedisGateway;
import dev.herald.redis.RedisScript;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.redis.client.Response;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The durable copy of the cursors. Redis moves them; the users whose cursors moved are gathered here and written to
 * PostgreSQL in one statement every three seconds.
 */
public final class DeviceCursors {
    private static final RedisScript CURSORS = RedisScript.load("inbox-cursors", "inbox-cursors-tail", "inbox-common");
    private static final String NOW = """
            select clock_timestamp() as now, (select number from redis_epoch) as epoch,
                greatest((select max(id) from cmd), (select id from cmd_ended), 0) as newest""";

    private static final int BATCH = 256;

    /** Further users are not noted: their durable copy stays old, which costs repeats if Redis is lost. */
    private static final int MAX_GATHERED = 100_000;

    private final SqlClient pg;
    private final CursorTable table;
    private final RedisGateway redis;
    private final InboxCalls calls;
    private final Epoch epoch;
    private final Runnable onUrgent;
    private final Map<String, Moved> moved = new LinkedHashMap<>();

    /** @param flags of the user's devices that came or acknowledged */
    private record Moved(Set<Integer> flags, Promise<Void> stored) {}

    /**
     * @param onUrgent told when somebody waits for the next {@link #flush}
     * @param onEvents told when events were recorded
     */
    public DeviceCursors(
            SqlClient pg, RedisGateway redis, InboxCalls calls, Epoch epoch, Runnable onUrgent, Runnable onEvents) {
        this.pg = pg;
        this.table = new CursorTable(pg, onEvents);
        this.redis = redis;
        this.calls = calls;
        this.epoch = epoch;
        this.onUrgent = onUrgent;
    }

    /**
     * The user's cursors have moved.
     *
     * @param flag of the device that came or acknowledged; {@link Readers#NO_READER} if none did
     */
    public void note(String uid, int flag) {
        if (moved.size() < MAX_GATHERED || moved.containsKey(uid)) {
            moved.computeIfAbsent(uid, it -> new Moved(new HashSet<>(), Promise.promise()))
                    .flags()
                    .add(flag);
        }
    }

    /** Completes when the user's cursors, as they are now, are durable. */
    Future<Void> save(String uid, int flag) {
        note(uid, flag);
        Moved saved = moved.get(uid);
        if (saved == null) {
            return Future.failedFuture(
                    new HeraldException(Failure.OVERLOADED, MAX_GATHERED + " users' cursors wait to be stored"));
        }
        onUrgent.run();
        return saved.stored().future();
    }

    /** The same for many users, and for somebody who would rather not wait for a Redis that is away. */
    public Future<?> refresh(List<String> uids) {
        return calls.arePossible()
                ? Future.join(
                        uids.stream().map(uid -> save(uid, Readers.NO_READER)).toList())
                : Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, "Redis is away"));
    }

    /** Writes what is gathered now; what fails is gathered again. */
    public Future<Void> flush() {
        return calls.arePossible() ? flush(moved.size()) : Future.succeededFuture();
    }

    private Future<Void> flush(int users) {
        if (users <= 0) {
            return Future.succeededFuture();
        }
        Map<String, Moved> batch = takeBatch();
        return store(batch)
                .onSuccess(
                        stored -> batch.values().forEach(each -> each.stored().complete()))
                .onFailure(cause -> batch.forEach((uid, each) -> {
                    each.flags().forEach(flag -> note(uid, flag));
                    each.stored().fail(cause);
                }))
                .compose(stored -> flush(users - batch.size()));
    }

    private Map<String, Moved> takeBatch() {
        Map<String, Moved> batch = new LinkedHashMap<>();
        Iterator<Map.Entry<String, Moved>> entries = moved.entrySet().iterator();
        while (entries.hasNext() && batch.size() < BATCH) {
            Map.Entry<String, Moved> entry = entries.next();
            batch.put(entry.getKey(), entry.getValue());
            entries.remove();
        }
        return batch;
    }

    /**
     * What Redis answers counts only if it was not lost until after the answer, and if it is still the one that all write
     * to: after that look at PostgreSQL, what another one is given ends behind this clock.
     */
    private Future<Void> store(Map<String, Moved> batch) {
        List<Run> looks = batch.keySet().stream().map(Run::of).toList();
        long begun = epoch.number();
        return pg.query(NOW).execute().compose(read -> {
            Row now = read.iterator().next();
            if (now.getLong("epoch") != begun) {
                return anEpochBegan();
            }
            return calls.evalEach(CURSORS, looks).compose((List<@Nullable Response> answers) -> epoch.check(redis)
                    .compose(checked -> epoch.number() == begun
                            ? table.store(
                                    rows(batch, answers, now.getLong("newest")), begun, now.getOffsetDateTime("now"))
                            : anEpochBegan()));
        });
    }

    private static Future<Void> anEpochBegan() {
        return Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, "an epoch began"));
    }

    private static List<CursorTable.Row> rows(Map<String, Moved> batch, List<@Nullable Response> answers, long newest) {
        List<CursorTable.Row> rows = new ArrayList<>();
        Iterator<@Nullable Response> answer = answers.iterator();
        batch.forEach((uid, each) -> {
            Response cursors = answer.next();
            if (cursors != null) {
                rows.addAll(CursorTable.Row.of(uid, cursors, each.flags(), newest));
            }
        });
        return rows;
    }
}
