package dev.herald.eventlog;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.postgres.Rows;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/**
 * The log for those who pull: the same events in the readers' order, from a position that the caller keeps. No reader can
 * miss one that commits late (decision 003).
 */
public final class EventFeed {
    /** Events looked through in one call; further ones of other types are left to the next. */
    private static final int SCANNED = 10_000;

    /** Of data in one answer, as stored; but for one event that is larger alone. */
    private static final int MAX_BYTES = 4 << 20;

    private static final String HORIZON =
            "with horizon as materialized (select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as txid)";

    /** Also of a position that this log has never come to: then it is one of another log. */
    private static final String MISSED =
            "(select (f.txid, f.id) > ($1, $2) from event_floor f) or $1 > h.txid as missed";

    private static final String PAGE = HORIZON + """
            , scanned as materialized (
                select s.* from horizon h, lateral (
                    select txid, id, type from event where (txid, id) > ($1, $2) and txid < h.txid
                    order by txid, id limit %d) s),
            wanted as (
                select txid, id from scanned where type = any ($3::text[]) order by txid, id limit $4)
            select h.txid as horizon, %s, (select count(*) from scanned) = %1$d as more,
                last.txid as last_txid, last.id as last_id, (select count(*) from wanted) as wanted, e.*
            from horizon h
                left join lateral (select txid, id from scanned order by txid desc, id desc limit 1) last on true
                left join (select event.txid, event.id, event.type, event.key, event.data, event.created_at,
                        row_number() over list as nth, sum(pg_column_size(event.data)) over list as bytes
                    from wanted join event using (txid, id) window list as (order by event.txid, event.id)) e
                    on e.nth = 1 or e.bytes <= %3$d
            order by e.txid, e.id""".formatted(SCANNED, MISSED, MAX_BYTES);

    /** By an index of its own: whatever else happens is not looked through. */
    private static final String PRESENCE_PAGE = HORIZON + """
            select h.txid as horizon, %s, false as more, null::bigint as last_txid, null::bigint as last_id, 0 as wanted, e.*
            from horizon h left join lateral (
                select txid, id, type, key, data, created_at from event
                where type = '%s' and (txid, id) > ($1, $2) and txid < h.txid
                    and ($3 or data->>'scope' = 'user')
                order by txid, id limit $4) e on true
            order by e.txid, e.id""".formatted(MISSED, EventType.ONLINE_STATUS.value());

    private static final String END = HORIZON + """
            select e.txid, e.id
            from horizon h cross join lateral (
                select txid, id from event where txid < h.txid %s order by txid desc, id desc limit 1) e""";

    private static final String ANY_END = END.formatted("");
    private static final String PRESENCE_END =
            END.formatted("and type = '%s'".formatted(EventType.ONLINE_STATUS.value()));

    private static final Position BEGINNING = new Position(0, 0);

    private final SqlClient client;

    public EventFeed(SqlClient client) {
        this.client = client;
    }

    /**
     * @param next where to go on behind these
     * @param more true if there may be more already
     */
    public record Page(List<LoggedEvent> events, Position next, boolean more) {
        public Page {
            events = List.copyOf(events);
        }
    }

    /** Before the oldest event that is kept. */
    public Future<Position> oldest() {
        return client.query("select txid, id from event_floor").execute().map(EventFeed::place);
    }

    /** Take it before reading a state that is written with its events: whatever that does not show comes after it. */
    public Future<Position> now() {
        return EventLog.horizon(client).map(horizon -> new Position(horizon, 0));
    }

    /** The place of the newest event that can be read now. */
    public Future<Position> end() {
        return client.query(ANY_END).execute().map(EventFeed::place);
    }

    /** The same of presence alone. */
    public Future<Position> presenceEnd() {
        return client.query(PRESENCE_END).execute().map(EventFeed::place);
    }

    /** Fails with CONFLICT if events behind the place are not kept any more, so that none is missed in silence. */
    public Future<Page> after(Position after, List<String> types, int limit) {
        Tuple arguments = Tuple.of(after.txid(), after.id())
                .addArrayOfString(types.toArray(String[]::new))
                .addInteger(limit);
        return client.preparedQuery(PAGE).execute(arguments).map(rows -> page(rows, after, limit));
    }

    /**
     * The same of presence alone.
     *
     * @param devices whether changes of one device are wanted that leave the user online
     */
    public Future<Page> presenceAfter(Position after, int limit, boolean devices) {
        return client.preparedQuery(PRESENCE_PAGE)
                .execute(Tuple.of(after.txid(), after.id(), devices, limit))
                .map(rows -> page(rows, after, limit));
    }

    /** A page that the horizon ends has read all before it, so the next one begins there. */
    private static Page page(RowSet<Row> rows, Position after, int limit) {
        Row first = rows.iterator().next();
        if (first.getBoolean("missed")) {
            throw new HeraldException(Failure.CONFLICT, "after: events behind this cursor are not kept any more");
        }
        List<LoggedEvent> events = new ArrayList<>();
        for (Row row : rows) {
            if (row.getValue("type") != null) {
                events.add(LoggedEvent.of(row));
            }
        }
        if (events.size() == limit || events.size() < first.getLong("wanted")) {
            return new Page(events, events.getLast().at(), true);
        }
        if (first.getBoolean("more")) {
            return new Page(events, new Position(first.getLong("last_txid"), first.getLong("last_id")), true);
        }
        Position horizon = new Position(first.getLong("horizon"), 0);
        return new Page(events, horizon.compareTo(after) > 0 ? horizon : after, false);
    }

    private static Position place(RowSet<Row> rows) {
        return Rows.first(rows, row -> new Position(row.getLong("txid"), row.getLong("id")))
                .orElse(BEGINNING);
    }
}
