package dev.herald.eventlog;

import dev.herald.postgres.Columns;
import dev.herald.postgres.Rows;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The events that one message or command led to, and what went before them in their lane. */
public final class MessageEvents {
    /** As many as one request carries at most. */
    private static final int LARGEST_BATCH = 1_000;

    private static final String COLUMNS = "txid, id, type, key, data, created_at";

    /** Whoever reads them and finds receivers offline records that under a name made of the number of the first. */
    private static final String OF = """
            with stored as (
                select %1$s from event where txid = $1 and key = $2 and (data->>'seq')::bigint = $3),
            offline as (
                select e.* from stored s cross join generate_series(0, 9) chunk
                join event e on e.dedupe_key = 'offline:' || s.id || ':' || chunk and e.dedupe_key is not null)
            select %1$s from stored union all select %1$s from offline order by txid, id""".formatted(COLUMNS);

    /** Of each device the first one since then, among the last of its lane. */
    private static final String ACKNOWLEDGED = """
            select %1$s from unnest($1::smallint[], $2::text[], $3::integer[], $4::timestamptz[]) as k(lane, by, flag, since)
            cross join lateral (
                select * from (select * from event where lane = k.lane order by txid desc, id desc limit 2000) lately
                where type = '%2$s' and key = k.by and (data->>'device_flag')::integer = k.flag and created_at >= k.since
                order by txid, id limit 1) first
            order by txid, id""".formatted(COLUMNS, EventType.COMMAND_ACKNOWLEDGED.value());

    private static final String UP_TO = """
            select id from event where lane = $1 and (txid, id) <= ($2, $3) order by txid desc, id desc limit $4""";

    private MessageEvents() {}

    /** A device that has acknowledged a command, and when. */
    public record Acknowledgement(String uid, int deviceFlag, Instant at) {
        String key() {
            return EventLog.NewEvent.userKey(uid);
        }
    }

    /** Those that told of these, as far as they can be told from others; none if nobody asks for them. */
    public static Future<List<LoggedEvent>> of(SqlClient pg, List<Acknowledgement> all) {
        Tuple devices = Columns.of(all)
                .shorts(each -> EventLog.laneOf(each.key()))
                .texts(Acknowledgement::key)
                .integers(Acknowledgement::deviceFlag)
                .times(each -> each.at().atOffset(ZoneOffset.UTC))
                .tuple();
        return pg.preparedQuery(ACKNOWLEDGED).execute(devices).map(rows -> Rows.list(rows, LoggedEvent::of));
    }

    /** @param txid of the transaction that stored the message */
    public static Future<List<LoggedEvent>> of(SqlClient pg, long txid, long channelPk, long seq) {
        return pg.preparedQuery(OF)
                .execute(Tuple.of(txid, EventLog.NewEvent.channelKey(channelPk), seq))
                .map(rows -> Rows.list(rows, LoggedEvent::of));
    }

    /** The numbers of those that can share a request with this one and are not behind it, its own among them. */
    public static Future<Set<Long>> upTo(SqlClient pg, LoggedEvent event) {
        return pg.preparedQuery(UP_TO)
                .execute(Tuple.of(
                        EventLog.laneOf(event.key()),
                        event.at().txid(),
                        event.at().id(),
                        LARGEST_BATCH))
                .map(rows -> {
                    Set<Long> ids = new HashSet<>();
                    rows.forEach(row -> ids.add(row.getLong("id")));
                    return ids;
                });
    }
}
