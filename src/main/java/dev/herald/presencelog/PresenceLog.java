package dev.herald.presencelog;

import dev.herald.eventlog.EventLog;
import dev.herald.eventlog.EventLog.NewEvent;
import dev.herald.eventlog.EventType;
import dev.herald.postgres.Columns;
import dev.herald.postgres.Rows;
import dev.herald.presencelog.UserPresence.Told;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is told of users: each edge as an event, once, and with it the state that the event leaves the user in. */
public final class PresenceLog {
    /**
     * Writers take turns, and a statement of its own takes the turn: only the next one's snapshot holds what the writer
     * before has committed. So a user's events are logged in the order of their versions, and never twice. Whoever falls
     * silent in its turn loses it soon: all others wait for it.
     */
    private static final String TAKE_TURN = """
            select set_config('idle_in_transaction_session_timeout', '2000', true), pg_advisory_xact_lock(7162823910454128741)""";

    private static final String FIND =
            "select " + UserPresence.COLUMNS + " from user_presence where uid = any($1::text[])";

    /** Seconds as a number are read at a fraction of what a time costs; to the millisecond they are exact. */
    private static final String STAND =
            "select uid, online, version, date_part('epoch', since) from user_presence where uid = any($1::text[])";

    private static final String ONLINE =
            "select " + UserPresence.COLUMNS + " from user_presence where online and uid > $1 order by uid limit $2";

    private static final String UIDS = "select uid from user_presence where uid > $1 order by uid limit $2";

    private static final String WRITE = """
            with clock as (
                update presence_clock set version = e.highest
                from (select max(seen) as highest from unnest($4::bigint[]) as u(seen)) e
                where e.highest > presence_clock.version)
            insert into user_presence as p (uid, online, version, seen, since, reason, node, devices)
            select * from unnest($1::text[], $2::boolean[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::text[],
                $7::bigint[], $8::jsonb[])
            on conflict (uid) do update set online = excluded.online, version = excluded.version, seen = excluded.seen,
                since = excluded.since, reason = excluded.reason, node = excluded.node, devices = excluded.devices""";

    private static final int MILLIS = 1_000;

    private PresenceLog() {}

    /**
     * Records edges, those of a user by version; what is recorded already, or older than that, is passed over. Statements
     * of one connection run one after the other, so those that need no answer to begin are not waited for.
     *
     * @param deviceEvents whether edges that leave the user online become events, too
     */
    public static Future<Void> record(Pool pool, List<Edge> edges, boolean deviceEvents) {
        Map<String, List<Edge>> byUid =
                edges.stream().collect(Collectors.groupingBy(Edge::uid, LinkedHashMap::new, Collectors.toList()));
        List<String> uids = List.copyOf(byUid.keySet());
        return pool.<@Nullable Void>withTransaction(tx -> {
                    Future<?> turn = tx.query(TAKE_TURN).execute();
                    Future<List<UserPresence>> found = find(tx, uids);
                    return Future.all(turn, found)
                            .compose(both -> write(tx, told(byUid, found.result(), deviceEvents)));
                })
                .mapEmpty();
    }

    /** Users of whom something was told, in no order. */
    public static Future<List<UserPresence>> find(SqlClient client, List<String> uids) {
        return client.preparedQuery(FIND)
                .execute(Tuple.of(uids.toArray(String[]::new)))
                .map(PresenceLog::users);
    }

    /** In the order of the uids, also those of whom nothing was told. */
    public static Future<List<UserPresence>> findAll(SqlClient client, List<String> uids) {
        return find(client, uids).map(found -> {
            Map<String, UserPresence> known = found.stream().collect(Collectors.toMap(UserPresence::uid, user -> user));
            return uids.stream()
                    .map(uid -> known.getOrDefault(uid, UserPresence.unknown(uid)))
                    .toList();
        });
    }

    /**
     * How a user stands, and no more than that: what is asked for a thousand users at a time should read little.
     *
     * @param version of the newest event of the user
     * @param sinceMs when the user came online or went offline
     */
    public record Standing(boolean online, long version, long sinceMs) {}

    /** By uid; who is missing was never told of. */
    public static Future<Map<String, Standing>> standings(SqlClient client, List<String> uids) {
        return client.preparedQuery(STAND)
                .execute(Tuple.of(uids.toArray(String[]::new)))
                .map(rows -> {
                    Map<String, Standing> standings = HashMap.newHashMap(rows.size());
                    for (Row row : rows) {
                        long sinceMs = Math.round(row.getDouble(3) * MILLIS);
                        standings.put(row.getString(0), new Standing(row.getBoolean(1), row.getLong(2), sinceMs));
                    }
                    return standings;
                });
    }

    /**
     * A page of the users who are online, by uid. For a whole that agrees with the event log take {@link EventLog#horizon} before
     * the first page: every change that a page does not show is behind it.
     *
     * @param after the last uid of the page before, or an empty text
     */
    public static Future<List<UserPresence>> online(SqlClient client, String after, int limit) {
        return client.preparedQuery(ONLINE).execute(Tuple.of(after, limit)).map(PresenceLog::users);
    }

    /** Users of whom anything was ever told, by uid. */
    public static Future<List<String>> uids(SqlClient client, String after, int limit) {
        return client.preparedQuery(UIDS)
                .execute(Tuple.of(after, limit))
                .map(rows -> Rows.list(rows, row -> row.getString("uid")));
    }

    /** The highest version that was ever looked at. */
    public static Future<Long> clock(SqlClient client) {
        return client.query("select version from presence_clock")
                .execute()
                .map(rows -> rows.iterator().next().getLong(0));
    }

    private static List<Told> told(Map<String, List<Edge>> edges, List<UserPresence> found, boolean deviceEvents) {
        Map<String, UserPresence> before = found.stream().collect(Collectors.toMap(UserPresence::uid, user -> user));
        List<Told> told = new ArrayList<>(edges.size());
        edges.forEach((uid, ofUser) -> {
            UserPresence user = before.getOrDefault(uid, UserPresence.unknown(uid));
            Told next = user.tell(ofUser, deviceEvents);
            if (next.after().seen() > user.seen()) {
                told.add(next);
            }
        });
        return told;
    }

    private static Future<Void> write(SqlConnection tx, List<Told> told) {
        if (told.isEmpty()) {
            return Future.succeededFuture();
        }
        List<NewEvent> events = told.stream()
                .flatMap(user -> user.events().stream())
                .map(event -> new NewEvent(
                        EventType.ONLINE_STATUS, NewEvent.userKey(event.edge().uid()), event.data()))
                .toList();
        return Future.all(
                        EventLog.append(tx, events),
                        tx.preparedQuery(WRITE)
                                .execute(rows(told.stream().map(Told::after).toList())))
                .mapEmpty();
    }

    private static Tuple rows(List<UserPresence> users) {
        return Columns.of(users)
                .texts(UserPresence::uid)
                .booleans(UserPresence::online)
                .longs(UserPresence::version)
                .longs(UserPresence::seen)
                .times(user -> user.since().atOffset(ZoneOffset.UTC))
                .texts(UserPresence::reason)
                .longs(UserPresence::node)
                .jsons(UserPresence::devicesJson)
                .tuple();
    }

    static List<UserPresence> users(RowSet<Row> rows) {
        return Rows.list(rows, UserPresence::of);
    }
}
