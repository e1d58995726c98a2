package dev.herald.presencelog;

import dev.herald.eventlog.EventLog;
import dev.herald.eventlog.EventLog.NewEvent;
import dev.herald.eventlog.EventType;
import dev.herald.postgres.Columns;
import dev.herald.postgres.Rows;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;

/** Differences in presence that reconciliation found and mended, and the alarm that many of them raise. */
public final class DriftLog {
    /** How long a difference is kept. */
    public static final Duration RETENTION = Duration.ofDays(7);

    private static final String ADD = """
            insert into presence_drift (kind, uid, node, repair, age_ms, detail)
            select k, u, $1, r, nullif(a, -1), d
            from unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[]) as e(k, u, r, a, d)""";

    private static final String COUNT = """
            select kind, count(*) as found from presence_drift where found_at > now() - $1 * interval '1 millisecond'
            group by kind order by kind""";

    private static final String LIST =
            "select * from presence_drift where id < $1 and ($2 = '' or kind = $2) order by id desc limit $3";

    private static final String TURN = "update presence_clock set alarmed = $1 where alarmed <> $1 returning alarmed";

    private static final String FORGET = """
            delete from presence_drift where id in (
                select id from presence_drift where found_at < now() - $1 * interval '1 millisecond' limit 10000)""";

    private DriftLog() {}

    /**
     * @param kind in words of the metric
     * @param ageMs how long it may have stood; -1: not known
     * @param detail for whoever looks into it
     */
    public record Found(String kind, String uid, String repair, long ageMs, String detail) {}

    /** @param node incarnation of the node that mended them */
    public static Future<Void> add(SqlClient client, long node, List<Found> found) {
        Tuple rows = Columns.behind(Tuple.of(node), found)
                .texts(Found::kind)
                .texts(Found::uid)
                .texts(Found::repair)
                .longs(Found::ageMs)
                .texts(Found::detail)
                .tuple();
        return client.preparedQuery(ADD).execute(rows).mapEmpty();
    }

    /**
     * The newest first.
     *
     * @param before an id, {@code Long.MAX_VALUE} for the first page
     * @param kind in words of the metric, or an empty text for all kinds
     */
    public static Future<List<JsonObject>> list(SqlClient client, long before, String kind, int limit) {
        return client.preparedQuery(LIST)
                .execute(Tuple.of(before, kind, limit))
                .map(rows -> Rows.list(rows, DriftLog::json));
    }

    /**
     * Tells back ends, once each time, that the differences of the last interval reached the threshold or fell below it.
     *
     * @param threshold 0: never
     * @return whether it told them
     */
    public static Future<Boolean> watch(Pool pool, Duration interval, int threshold) {
        return pool.withTransaction(tx -> tx.preparedQuery(COUNT)
                .execute(Tuple.of(interval.toMillis()))
                .compose(rows -> {
                    JsonObject kinds = new JsonObject();
                    rows.forEach(row -> kinds.put(row.getString("kind"), row.getLong("found")));
                    long total = kinds.stream()
                            .mapToLong(kind -> ((Number) kind.getValue()).longValue())
                            .sum();
                    boolean alarmed = threshold > 0 && total >= threshold;
                    JsonObject data = new JsonObject()
                            .put("state", alarmed ? "raised" : "cleared")
                            .put("found", total)
                            .put("threshold", threshold)
                            .put("interval_seconds", interval.toSeconds())
                            .put("kinds", kinds);
                    return turn(tx, alarmed, data);
                }));
    }

    public static Future<Void> forgetOld(SqlClient client) {
        return client.preparedQuery(FORGET)
                .execute(Tuple.of(RETENTION.toMillis()))
                .mapEmpty();
    }

    private static Future<Boolean> turn(SqlConnection tx, boolean alarmed, JsonObject data) {
        return tx.preparedQuery(TURN)
                .execute(Tuple.of(alarmed))
                .compose(turned -> turned.rowCount() == 0
                        ? Future.succeededFuture(false)
                        : EventLog.append(tx, List.of(new NewEvent(EventType.PRESENCE_DRIFT, "p:drift", data)))
                                .map(true));
    }

    private static JsonObject json(Row row) {
        return new JsonObject()
                .put("id", row.getLong("id"))
                .put("found_at", row.getOffsetDateTime("found_at").toInstant().toEpochMilli())
                .put("kind", row.getString("kind"))
                .put("uid", row.getString("uid"))
                .put("node", row.getLong("node"))
                .put("repair", row.getString("repair"))
                .put("age_ms", row.getLong("age_ms"))
                .put("detail", row.getString("detail"));
    }
}
