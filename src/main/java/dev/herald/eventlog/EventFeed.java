package dev.herald.eventlog;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/** The log for those who pull: the same events in the readers' order, from a position that the caller keeps. */
public final class EventFeed {
    /** Events looked through in one call; further ones of other types are left to the next. */
    private static final int SCANNED = 10_000;

    private static final String HORIZON = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint";

    private static final String PAGE = """
            with scanned as materialized (
                select txid, id, type from event
                where (txid, id) > ($1, $2) and txid < %s
                order by txid, id limit %d),
            wanted as (
                select txid, id from scanned where type = any ($3::text[]) order by txid, id limit $4)
            select last.txid as last_txid, last.id as last_id, (select count(*) from scanned) = %2$d as more,
                (select (f.txid, f.id) > ($1, $2) from event_floor f) as missed, e.*
            from (select max(txid) as txid from scanned) newest
                left join lateral (
                    select txid, id from scanned where txid = newest.txid order by id desc limit 1) last on true
                left join (select event.txid, event.id, event.type, event.key, event.data, event.created_at
                    from wanted join event using (txid, id)) e on true
            order by e.txid, e.id""".formatted(HORIZON, SCANNED);

    private static final int CURSOR_BYTES = 16;

    private final SqlClient client;

    public EventFeed(SqlClient client) {
        this.client = client;
    }

    /**
     * @param next the cursor that goes on behind these
     * @param more true if there is more already
     */
    public record Page(List<LoggedEvent> events, String next, boolean more) {
        public Page {
            events = List.copyOf(events);
        }
    }

    /** From before the oldest event that is kept. */
    public Future<String> oldest() {
        return client.query("select txid, id from event_floor")
                .execute()
                .map(rows -> cursor(position(rows.iterator().next())));
    }

    /** From what happens from now on. */
    public Future<String> now() {
        return EventLog.horizon(client).map(horizon -> cursor(new Position(horizon - 1, Long.MAX_VALUE)));
    }

    /** Fails with CONFLICT if events behind the cursor are not kept any more, so that none is missed in silence. */
    public Future<Page> after(String cursor, List<String> types, int limit) {
        Position after = position(cursor);
        Tuple arguments = Tuple.of(after.txid(), after.id())
                .addArrayOfString(types.toArray(String[]::new))
                .addInteger(limit);
        return client.preparedQuery(PAGE).execute(arguments).map(rows -> page(rows, after, limit));
    }

    private static Page page(RowSet<Row> rows, Position after, int limit) {
        Row first = rows.iterator().next();
        if (Objects.equals(first.getBoolean("missed"), true)) {
            throw new HeraldException(Failure.CONFLICT, "after: events behind this cursor are not kept any more");
        }
        List<LoggedEvent> events = new ArrayList<>();
        for (Row row : rows) {
            if (row.getValue("type") != null) {
                events.add(LoggedEvent.of(row));
            }
        }
        if (events.size() == limit) {
            return new Page(events, cursor(events.getLast().at()), true);
        }
        Long txid = first.getLong("last_txid");
        Position end = txid == null ? after : new Position(txid, first.getLong("last_id"));
        return new Page(events, cursor(end), first.getBoolean("more"));
    }

    private static Position position(Row row) {
        return new Position(row.getLong("txid"), row.getLong("id"));
    }

    private static String cursor(Position at) {
        byte[] bytes = ByteBuffer.allocate(CURSOR_BYTES)
                .putLong(at.txid())
                .putLong(at.id())
                .array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static Position position(String cursor) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(cursor);
            if (bytes.length == CURSOR_BYTES) {
                ByteBuffer buffer = ByteBuffer.wrap(bytes);
                return new Position(buffer.getLong(), buffer.getLong());
            }
        } catch (IllegalArgumentException e) {
            throw HeraldException.invalid("after", "is no cursor that was given out here");
        }
        throw HeraldException.invalid("after", "is no cursor that was given out here");
    }
}
