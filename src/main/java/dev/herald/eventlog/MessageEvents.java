package dev.herald.eventlog;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The events of one message, and what went before them in their lane. */
public final class MessageEvents {
    /** As many as one request carries at most. */
    private static final int LARGEST_BATCH = 1_000;

    private static final String OF = """
            select txid, id, type, key, data, created_at from event
            where txid = $1 and key = $2 and (data->>'seq')::bigint = $3 order by id""";

    private static final String UP_TO = """
            select id from event where lane = $1 and (txid, id) <= ($2, $3) order by txid desc, id desc limit $4""";

    private MessageEvents() {}

    /** @param txid of the transaction that stored the message */
    public static Future<List<LoggedEvent>> of(SqlClient pg, long txid, long channelPk, long seq) {
        return pg.preparedQuery(OF)
                .execute(Tuple.of(txid, EventLog.NewEvent.channelKey(channelPk), seq))
                .map(rows -> {
                    List<LoggedEvent> events = new ArrayList<>();
                    for (Row row : rows) {
                        events.add(LoggedEvent.of(row));
                    }
                    return events;
                });
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
