package dev.herald.presencelog;

import dev.herald.eventlog.EventLog;
import dev.herald.eventlog.EventLog.NewEvent;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** What is told of users: each edge as an event, once, and with it the state that the event leaves the user in. */
public final class PresenceLog {
    /**
     * Writers take turns, and a statement of its own takes the turn: only the next one's snapshot holds what the writer
     * before has committed. So a user's edges are logged in the order of their versions, and never twice.
     */
    private static final String TAKE_TURN = "select pg_advisory_xact_lock(7162823910454128741)";

    private static final String RECORD = """
            with edge as (
                select * from unnest($1::text[], $2::bigint[], $3::boolean[], $4::boolean[], $5::timestamptz[], $6::text[],
                    $7::bigint[], $8::jsonb[], $9::smallint[], $10::jsonb[]) with ordinality
                as e(uid, version, logged, online, since, reason, node, devices, lane, data, o)),
            fresh as (
                select edge.* from edge left join user_presence p using (uid) where edge.version > coalesce(p.version, 0)),
            logged as (
                insert into event (lane, type, key, data)
                select lane, 'user.onlinestatus', 'u:' || uid, data from fresh where logged order by o),
            clock as (
                update presence_clock set version = e.highest
                from (select max(version) as highest from fresh) e where e.highest > presence_clock.version)
            insert into user_presence as p (uid, online, version, since, reason, node, devices)
            select distinct on (uid) uid, online, version, since, reason, node, devices
            from fresh order by uid, version desc
            on conflict (uid) do update set online = excluded.online, version = excluded.version, since = excluded.since,
                reason = excluded.reason, node = excluded.node, devices = excluded.devices""";

    private static final String FIND =
            "select " + UserPresence.COLUMNS + " from user_presence where uid = any($1::text[])";

    private static final String ONLINE =
            "select " + UserPresence.COLUMNS + " from user_presence where online and uid > $1 order by uid limit $2";

    private PresenceLog() {}

    /**
     * Records edges, those of a user by version; what is recorded already, or older than that, is passed over.
     *
     * @param devices whether edges of one device only become events, too
     */
    public static Future<Void> record(Pool pool, List<Edge> edges, boolean devices) {
        if (edges.isEmpty()) {
            return Future.succeededFuture();
        }
        Tuple arguments = arguments(edges, devices);
        return pool.<@Nullable Void>withTransaction(tx -> tx.query(TAKE_TURN)
                        .execute()
                        .compose(mine -> tx.preparedQuery(RECORD).execute(arguments))
                        .mapEmpty())
                .mapEmpty();
    }

    /** Users of whom something was told, in no order. */
    public static Future<List<UserPresence>> find(SqlClient client, List<String> uids) {
        return client.preparedQuery(FIND)
                .execute(Tuple.of(uids.toArray(String[]::new)))
                .map(PresenceLog::users);
    }

    /**
     * A page of the users who are online. For a whole that agrees with the event log take {@link EventLog#horizon} before
     * the first page: every change that a page does not show is behind it.
     *
     * @param after the last uid of the page before, or an empty text
     */
    public static Future<List<UserPresence>> online(SqlClient client, String after, int limit) {
        return client.preparedQuery(ONLINE).execute(Tuple.of(after, limit)).map(PresenceLog::users);
    }

    /** The highest version that was ever told. */
    public static Future<Long> clock(SqlClient client) {
        return client.query("select version from presence_clock")
                .execute()
                .map(rows -> rows.iterator().next().getLong(0));
    }

    private static Tuple arguments(List<Edge> edges, boolean devices) {
        return Tuple.tuple()
                .addArrayOfString(edges.stream().map(Edge::uid).toArray(String[]::new))
                .addArrayOfLong(edges.stream().map(Edge::version).toArray(Long[]::new))
                .addArrayOfBoolean(edges.stream()
                        .map(edge -> devices || edge.scope() == Edge.Scope.USER)
                        .toArray(Boolean[]::new))
                .addArrayOfBoolean(edges.stream().map(Edge::userOnline).toArray(Boolean[]::new))
                .addValue(edges.stream()
                        .map(edge -> Instant.ofEpochMilli(edge.sinceMs()).atOffset(ZoneOffset.UTC))
                        .toArray(java.time.OffsetDateTime[]::new))
                .addArrayOfString(edges.stream().map(Edge::reason).toArray(String[]::new))
                .addArrayOfLong(edges.stream().map(Edge::node).toArray(Long[]::new))
                .addArrayOfJsonObject(edges.stream().map(Edge::devicesJson).toArray(JsonObject[]::new))
                .addArrayOfShort(edges.stream()
                        .map(edge -> EventLog.laneOf(NewEvent.userKey(edge.uid())))
                        .toArray(Short[]::new))
                .addArrayOfJsonObject(edges.stream().map(Edge::data).toArray(JsonObject[]::new));
    }

    private static List<UserPresence> users(RowSet<Row> rows) {
        return StreamSupport.stream(rows.spliterator(), false)
                .map(UserPresence::of)
                .toList();
    }
}
