package dev.herald.fanout.inbox;

import dev.herald.eventlog.EventLog;
import dev.herald.eventlog.EventLog.NewEvent;
import dev.herald.eventlog.EventType;
import dev.herald.postgres.Columns;
import io.vertx.core.Future;
import io.vertx.redis.client.Response;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The table of the cursors: whoever asks for the event {@code cmd.acknowledged} is told of each that it moves forward. */
final class CursorTable {
    private static final String WANTED =
            EventLog.IS_ASKED_FOR.formatted("'" + EventType.COMMAND_ACKNOWLEDGED.value() + "'");

    /**
     * Of two nodes that store the same user at once, either may have read later or further. A device that becomes known
     * has acknowledged nothing by that, wherever it begins. One that only others' acknowledgements tell of has come a
     * moment ago; if it is known already, that says nothing of it.
     */
    private static final String STORE =
            """
            with turns as materialized (%s where %s),
            given as materialized (
                select g.* from (select count(*) from turns) taken,
                    unnest($1::text[], $2::smallint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::smallint[],
                    $7::boolean[], $8::boolean[])
                    as g(uid, device_flag, seq, floor, tail, lane, seen, fresh)),
            before as (
                select d.uid, d.device_flag, d.seq from device_cursor d
                where d.uid = any ($1) and d.device_flag >= 0 and %s),
            stored as (
                insert into device_cursor as d (uid, device_flag, seq, floor, tail, fresh, epoch, as_of, seen_at)
                select uid, device_flag, seq, floor, tail, fresh, $9, $10, case when seen then now() else now() - interval '1 minute' end
                from given order by uid, device_flag
                on conflict (uid, device_flag) do update
                set seq = greatest(d.seq, excluded.seq), tail = greatest(d.tail, excluded.tail), epoch = excluded.epoch,
                    floor = case when excluded.as_of > d.as_of then excluded.floor else d.floor end,
                    fresh = case when excluded.as_of > d.as_of then excluded.fresh else d.fresh end,
                    as_of = greatest(d.as_of, excluded.as_of),
                    seen_at = case
                        when excluded.seen_at < now() or d.seen_at > now() - interval '1 minute' then d.seen_at
                        else excluded.seen_at end
                where excluded.epoch >= d.epoch and (excluded.as_of > d.as_of or excluded.seq > d.seq)
                returning uid, device_flag, seq)
            insert into event (lane, type, key, data)
            select g.lane, '%s', 'u:' || s.uid,
                jsonb_build_object('uid', s.uid, 'device_flag', s.device_flag, 'seq', s.seq)
            from stored s join before b using (uid, device_flag) join given g using (uid, device_flag)
            where s.seq > b.seq""".formatted(EventLog.TAKE_TURNS.formatted("$11"), WANTED, WANTED, EventType.COMMAND_ACKNOWLEDGED.value());

    private final SqlClient pg;
    private final Runnable onEvents;

    /** @param onEvents told when events were recorded */
    CursorTable(SqlClient pg, Runnable onEvents) {
        this.pg = pg;
        this.onEvents = onEvents;
    }

    /** @param asOf PostgreSQL's clock, before the rows were read */
    Future<Void> store(List<Row> rows, long epoch, OffsetDateTime asOf) {
        Tuple values = Columns.of(rows)
                .texts(Row::uid)
                .shorts(Row::flag)
                .longs(Row::seq)
                .longs(Row::floor)
                .longs(Row::tail)
                .shorts(row -> EventLog.laneOf(NewEvent.userKey(row.uid())))
                .booleans(Row::seen)
                .booleans(Row::fresh)
                .tuple()
                .addLong(epoch)
                .addOffsetDateTime(asOf)
                .addArrayOfInteger(EventLog.turnsOf(rows.stream().map(row -> NewEvent.userKey(row.uid()))));
        return pg.preparedQuery(STORE).execute(values).map(result -> {
            if (result.rowCount() > 0) {
                onEvents.run();
            }
            return null;
        });
    }

    /**
     * @param floor commands with an id up to this are acknowledged, as far as they had been appended
     * @param seen true if it was this device that came or acknowledged
     * @param fresh true if it lacks what was before it, and has not acknowledged anything since
     */
    record Row(String uid, short flag, long seq, long floor, long tail, boolean seen, boolean fresh) {

        /**
         * Of a user without any cursor only the tail is known.
         *
         * @param seen flags of the devices that came or acknowledged
         * @param newest command before that: a clock may go back, ids do not
         */
        static List<Row> of(String uid, Response answer, Set<Integer> seen, long newest) {
            List<String> parts = Inboxes.words(answer);
            long tail = Long.parseLong(parts.getFirst());
            List<Row> rows = new ArrayList<>();
            for (int i = 1; i < parts.size(); i += 4) {
                int flag = Readers.flag(parts.get(i));
                long lowest = Long.parseLong(parts.get(i + 3));
                rows.add(new Row(
                        uid,
                        (short) flag,
                        Long.parseLong(parts.get(i + 1)),
                        lowest == 0 ? newest : Math.min(lowest - 1, newest),
                        tail,
                        seen.contains(flag),
                        parts.get(i + 2).equals("1")));
            }
            return rows.isEmpty() ? List.of(new Row(uid, (short) Readers.NO_READER, 0, 0, tail, true, false)) : rows;
        }
    }
}
