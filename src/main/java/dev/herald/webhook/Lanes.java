package dev.herald.webhook;

import dev.herald.eventlog.EventLog;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** One endpoint's cursors in PostgreSQL. A lane is written only by the node whose lease it is under. */
final class Lanes {
    /** A new endpoint is told what happens from now on, not what was logged before it came. */
    private static final String CREATE = """
            insert into webhook_lane (endpoint, lane, read_txid, read_id)
            select $1, lane, pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1, 9223372036854775807
            from generate_series(0, $2 - 1) lane
            on conflict do nothing""";

    /**
     * Leases due lanes and reads a batch of each in one statement. The batch's end is stored before anything is sent, so
     * that a retry carries the same events even if this process dies. An event is in the batch if no event of another
     * type precedes it: then its number among all equals its number among its type.
     */
    private static final String CLAIM = """
            with horizon as (select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as txid),
            due as (
                select * from webhook_lane l
                where endpoint = $1 and next_at <= now() and (lease_until is null or lease_until <= now())
                    and exists (select from event e
                        where e.lane = l.lane and (e.txid, e.id) > (l.read_txid, l.read_id)
                            and e.txid < (select txid from horizon))
                order by next_at limit $4 for update of l skip locked),
            unread as (
                select d.lane, e.*,
                    row_number() over (partition by d.lane order by e.txid, e.id)
                        - row_number() over (partition by d.lane, e.type order by e.txid, e.id) as others_before
                from due d cross join lateral (
                    select e.txid, e.id, e.type, e.data from event e
                    where e.lane = d.lane and (e.txid, e.id) > (d.read_txid, d.read_id)
                        and e.txid < (select txid from horizon)
                        and (d.batch_txid is null or (e.txid, e.id) <= (d.batch_txid, d.batch_id))
                    order by e.txid, e.id limit $5) e),
            batch as (select * from unread where others_before = 0),
            claimed as (
                update webhook_lane l
                set lease_owner = $2, lease_until = now() + $3::int * interval '1 ms',
                    batch_txid = last.txid, batch_id = last.id
                from due d left join (
                    select distinct on (lane) lane, txid, id from batch order by lane, txid desc, id desc
                ) last on last.lane = d.lane
                where l.endpoint = $1 and l.lane = d.lane)
            select held.held, d.lane, d.read_txid, d.read_id, d.attempts, b.txid, b.id, b.type, b.data
            from (select coalesce(max(txid) >= (select txid from horizon), false) as held from event) held
                left join due d on true
                left join batch b on b.lane = d.lane
            order by d.next_at, d.lane, b.txid, b.id""";

    private static final String RENEW = """
            update webhook_lane set lease_until = now() + $3::int * interval '1 ms'
            where endpoint = $1 and lease_owner = $2 and lane = any($4::int[]) and lease_until > now()
            returning lane""";

    private static final String ADVANCE = """
            update webhook_lane
            set read_txid = $4, read_id = $5, batch_txid = null, batch_id = null, attempts = 0, next_at = now(),
                lease_owner = null, lease_until = null
            where endpoint = $1 and lease_owner = $2 and lane = $3::int and (read_txid, read_id) = ($6, $7)""";

    private static final String POSTPONE = """
            update webhook_lane
            set attempts = attempts + 1, next_at = now() + $4::bigint * interval '1 ms',
                lease_owner = null, lease_until = null
            where endpoint = $1 and lease_owner = $2 and lane = $3::int and (read_txid, read_id) = ($5, $6)""";

    private static final String WAKE_FAILING = """
            update webhook_lane set next_at = now()
            where endpoint = $1 and lane in (
                select lane from webhook_lane
                where endpoint = $1 and attempts > 0 and next_at > now() for update skip locked)""";

    private static final String RELEASE_ALL = """
            update webhook_lane set lease_owner = null, lease_until = null
            where endpoint = $1 and lease_owner = $2""";

    private final SqlClient client;
    private final String endpoint;
    private final long owner;
    private final Duration lease;

    Lanes(SqlClient client, String endpoint, long owner, Duration lease) {
        this.client = client;
        this.endpoint = endpoint;
        this.owner = owner;
        this.lease = lease;
    }

    /** @param held events are committed that an older transaction, still running, keeps back */
    record Claim(boolean held, List<Batch> batches) {}

    Future<Void> create() {
        return run(CREATE, Tuple.of(endpoint, EventLog.LANES)).mapEmpty();
    }

    Future<Claim> claim(int maxLanes, int maxEvents) {
        return run(CLAIM, Tuple.of(endpoint, owner, (int) lease.toMillis(), maxLanes, maxEvents))
                .map(Lanes::claimOf);
    }

    /** The lanes that are still ours. */
    Future<Set<Integer>> renew(Set<Integer> lanes) {
        return run(RENEW, Tuple.of(endpoint, owner, (int) lease.toMillis(), lanes.toArray(Integer[]::new)))
                .map(rows -> {
                    Set<Integer> ours = new HashSet<>();
                    rows.forEach(row -> ours.add(row.getInteger("lane")));
                    return ours;
                });
    }

    /** Moves the cursor behind the batch and gives the lane back; false if it is not ours any more. */
    Future<Boolean> advance(Batch batch) {
        Position after = batch.after();
        Position end = batch.end();
        return run(ADVANCE, Tuple.of(endpoint, owner, batch.lane(), end.txid(), end.id(), after.txid(), after.id()))
                .map(rows -> rows.rowCount() == 1);
    }

    /** Counts a failed attempt and gives the lane back; the batch stays as it is. */
    Future<Boolean> postpone(Batch batch, Duration delay) {
        Position after = batch.after();
        return run(POSTPONE, Tuple.of(endpoint, owner, batch.lane(), delay.toMillis(), after.txid(), after.id()))
                .map(rows -> rows.rowCount() == 1);
    }

    /** Makes every lane that waits for a retry due now. */
    Future<Void> wakeFailing() {
        return run(WAKE_FAILING, Tuple.of(endpoint)).mapEmpty();
    }

    Future<Void> releaseAll() {
        return run(RELEASE_ALL, Tuple.of(endpoint, owner)).mapEmpty();
    }

    /** What has not answered within a lease is of no use any more. */
    private Future<RowSet<Row>> run(String sql, Tuple arguments) {
        return client.preparedQuery(sql).execute(arguments).timeout(lease.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static Claim claimOf(RowSet<Row> rows) {
        Map<Integer, Row> lanes = new LinkedHashMap<>();
        Map<Integer, List<LoggedEvent>> events = new LinkedHashMap<>();
        boolean held = false;
        for (Row row : rows) {
            held = row.getBoolean("held");
            if (row.getValue("lane") == null) {
                continue;
            }
            int lane = row.getInteger("lane");
            lanes.put(lane, row);
            List<LoggedEvent> batch = events.computeIfAbsent(lane, key -> new ArrayList<>());
            if (row.getValue("id") != null) {
                batch.add(eventOf(row));
            }
        }
        List<Batch> batches = new ArrayList<>();
        lanes.forEach((lane, row) -> batches.add(new Batch(
                lane,
                new Position(row.getLong("read_txid"), row.getLong("read_id")),
                row.getInteger("attempts"),
                events.getOrDefault(lane, List.of()))));
        return new Claim(held, batches);
    }

    private static LoggedEvent eventOf(Row row) {
        return new LoggedEvent(
                new Position(row.getLong("txid"), row.getLong("id")), row.getString("type"), row.getValue("data"));
    }
}
