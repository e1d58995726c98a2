package dev.herald.presencelog;

import dev.herald.eventlog.EventLog;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/** The changes of presence as one list in the order of decision 003: no reader can miss one that commits late. */
public final class PresenceFeed {
    /** A page that the horizon ends has read all before it, so the next one begins there. */
    private static final String READ = """
            with horizon as materialized (select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as txid)
            select h.txid as horizon, e.txid, e.id, e.data
            from horizon h left join lateral (
                select txid, id, data from event
                where type = 'user.onlinestatus' and (txid, id) > ($1, $2) and txid < h.txid
                    and ($4 or data->>'scope' = 'user')
                order by txid, id limit $3) e on true
            order by e.txid, e.id""";

    private static final String END = """
            with horizon as materialized (select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as txid)
            select h.txid as horizon, e.txid, e.id
            from horizon h left join lateral (
                select txid, id from event where type = 'user.onlinestatus' and txid < h.txid
                order by txid desc, id desc limit 1) e on true""";

    private PresenceFeed() {}

    /**
     * @param next where to read on
     * @param horizon first transaction that may still change
     */
    public record Page(List<JsonObject> changes, FeedCursor next, long horizon) {
        public Page {
            changes = List.copyOf(changes);
        }
    }

    /** @param devices whether changes of one device are wanted that leave the user online */
    public static Future<Page> read(SqlClient client, FeedCursor after, int limit, boolean devices) {
        return client.preparedQuery(READ)
                .execute(Tuple.of(after.txid(), after.id(), limit, devices))
                .map(rows -> page(rows, after, limit));
    }

    /** Take it before reading a state: whatever that does not show comes after this place. */
    public static Future<FeedCursor> now(SqlClient client) {
        return EventLog.horizon(client).map(txid -> new FeedCursor(txid, 0));
    }

    /** The place of the newest change that can be read now. */
    public static Future<FeedCursor> end(SqlClient client) {
        return client.query(END).execute().map(rows -> {
            Row row = rows.iterator().next();
            return row.getValue("id") == null
                    ? new FeedCursor(0, 0)
                    : new FeedCursor(row.getLong("txid"), row.getLong("id"));
        });
    }

    private static Page page(RowSet<Row> rows, FeedCursor after, int limit) {
        List<JsonObject> changes = new ArrayList<>();
        long horizon = 0;
        FeedCursor last = after;
        for (Row row : rows) {
            horizon = row.getLong("horizon");
            if (row.getValue("id") != null) {
                last = new FeedCursor(row.getLong("txid"), row.getLong("id"));
                changes.add(row.getJsonObject("data"));
            }
        }
        FeedCursor all = new FeedCursor(horizon, 0);
        boolean whole = changes.size() < limit && all.compareTo(last) > 0;
        return new Page(changes, whole ? all : last, horizon);
    }
}
