package dev.herald.webhook.lane;

import dev.herald.postgres.Columns;
import dev.herald.postgres.Rows;
import dev.herald.webhook.lane.LaneRun.Cut;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.Collection;
import java.util.List;

/** Lanes are claimed here: a lane is written only by the node whose lease it is under. */
public final class Lanes {
    /** Of one lane, as stored: about as much as a request may have. */
    private static final int READ_AHEAD_BYTES = 1 << 20;

    /** Keys of an endpoint that may go their own way; what fails beyond that waits in its lane. */
    private static final int MOST_SIDES = 100;

    /**
     * Leases those of the wanted lanes that are due, and reads a few batches of each. The first batch's end is stored
     * before anything is sent, so that a retry carries the same events even if this process dies. Of a type's events a
     * batch takes those that no event of another type precedes: there the number among all equals the number among the
     * type. A lane leaves out the keys that go their own way, and those go no further than the lane has come. What is read
     * of a lane is bounded in bytes, too. A lane that waited for minutes beyond its time was not tried in that time,
     * which does not count for the end of its schedule.
     */
    private static final String CLAIM = """
            with horizon as (select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as txid),
            wanted as (select * from unnest($4::int[], $5::text[]) w(lane, key)),
            due as (
                select l.*, case when l.next_at < now() - interval '2 min' then now() - l.next_at else interval '0' end as late
                from webhook_lane l join wanted w on w.lane = l.lane and w.key = l.key
                where l.endpoint = $1 and l.next_at <= now() and (l.lease_until is null or l.lease_until <= now())
                order by l.next_at limit $6 for update of l skip locked),
            unread as (
                select u.* from (select d.lane, d.key as side, e.*, row_number() over (partition by d.lane, d.key order by e.txid, e.id) as nth,
                    row_number() over (partition by d.lane, d.key, e.type order by e.txid, e.id) as nth_of_type,
                    count(*) over (partition by d.lane, d.key) as found,
                    sum(pg_column_size(e.data)) over (partition by d.lane, d.key order by e.txid, e.id) as bytes
                from due d cross join lateral (
                    select e.txid, e.id, e.type, e.key, e.data, e.created_at from event e
                    where e.lane = d.lane and (e.txid, e.id) > (d.read_txid, d.read_id)
                        and e.txid < (select txid from horizon) and e.type = any ($7::text[])
                        and (d.batch_txid is null or (e.txid, e.id) <= (d.batch_txid, d.batch_id))
                        and case when d.key = ''
                            then not exists (select from webhook_lane s
                                where s.endpoint = $1 and s.lane = d.lane and s.key = e.key)
                            else e.key = d.key and exists (select from webhook_lane m
                                where m.endpoint = $1 and m.lane = d.lane and m.key = ''
                                    and (e.txid, e.id) <= (m.read_txid, m.read_id))
                            end
                    order by e.txid, e.id limit $8) e) u
                where u.nth = 1 or u.bytes <= %d),
            batch as (
                select u.*, nth <= $9 and (not $10 or (nth = nth_of_type and (nth = 1 or type <> 'msg.offline'))) as is_first
                from unread u),
            claimed as (
                update webhook_lane l
                set lease_owner = $2, lease_until = now() + $3::int * interval '1 ms',
                    batch_txid = last.txid, batch_id = last.id,
                    failing_since = d.failing_since + d.late, next_at = now()
                from due d left join (
                    select distinct on (lane, side) lane, side, txid, id from batch where is_first
                    order by lane, side, txid desc, id desc
                ) last on last.lane = d.lane and last.side = d.key
                where l.endpoint = $1 and l.lane = d.lane and l.key = d.key
                    and (last.txid is not null or d.batch_txid is not null))
            select l.lane, l.key as side, d.lane is not null as due, d.read_txid, d.read_id, d.attempts,
                d.batch_txid is not null as begun,
                coalesce(extract(epoch from now() - d.late - d.failing_since) * 1000, 0)::bigint as failing_ms,
                (select count(*) from webhook_lane s where s.endpoint = $1 and s.key <> '') < %d as may_park,
                (extract(epoch from greatest(l.next_at, l.lease_until) - now()) * 1000)::bigint as wait_ms,
                b.txid, b.id, b.type, b.key, b.data, b.created_at, b.is_first, b.found
            from wanted w join webhook_lane l on l.endpoint = $1 and l.lane = w.lane and l.key = w.key
                left join due d on d.lane = l.lane and d.key = l.key
                left join batch b on b.lane = l.lane and b.side = l.key
            order by d.next_at, l.lane, l.key, b.txid, b.id""".formatted(READ_AHEAD_BYTES, MOST_SIDES);

    /**
     * Those that wait for a retry, are left over from a dead node, or go their own way; the others are told of. One that is
     * held by a node may be due soon, since that may die.
     */
    private static final String UNSETTLED = """
            with unsettled as (
                select endpoint, lane, key, greatest(next_at, coalesce(lease_until, next_at)) as due_at from webhook_lane
                where attempts > 0 or batch_txid is not null or key <> '' or (lane = 64 and exists (
                    select from dead_letter d where d.endpoint = webhook_lane.endpoint and d.replay_at is not null)))
            select e.revisions, exists (select from unsettled where due_at < now() + interval '10 s') as soon, u.*
            from (select coalesce(md5(string_agg(id || ':' || revision, ',' order by id)), '') as revisions
                from webhook_endpoint where state = 'active') e
            left join unsettled u on u.due_at <= now()""";

    private static final String RENEW = """
            update webhook_lane l set lease_until = now() + $2::int * interval '1 ms'
            from unnest($3::text[], $4::int[], $5::text[]) r(endpoint, lane, key)
            where l.endpoint = r.endpoint and l.lane = r.lane and l.key = r.key
                and l.lease_owner = $1 and l.lease_until > now()
            returning l.endpoint, l.lane, l.key""";

    /** Those that others hold at this moment are not waiting. */
    private static final String WAKE_FAILING = """
            update webhook_lane l set next_at = now()
            from (select lane, key from webhook_lane
                where endpoint = $1 and attempts > 0 and next_at > now() for update skip locked) w
            where l.endpoint = $1 and l.lane = w.lane and l.key = w.key
            returning l.endpoint, l.lane, l.key""";

    /**
     * Of an endpoint that fails, with every lane that waits far from due: the one that would be first is due now, so that
     * somebody notices when the endpoint is back. A key that goes its own way keeps to its schedule.
     */
    private static final String PROBE = """
            with silent as (
                update webhook_endpoint w set probed_at = now()
                where w.state = 'active' and (w.failing_since is not null or w.id = 'offline')
                    and (w.probed_at is null or w.probed_at < now() - interval '1 min')
                    and exists (select from webhook_lane l
                        where l.endpoint = w.id and l.lane < 64 and l.key = '' and l.attempts > 0)
                    and not exists (select from webhook_lane l
                        where l.endpoint = w.id and l.lane < 64 and l.key = '' and l.attempts > 0
                            and l.next_at < now() + interval '1 min')
                returning w.id),
            first as materialized (
                select s.id, f.lane from silent s cross join lateral (
                    select lane from webhook_lane f
                    where f.endpoint = s.id and f.lane < 64 and f.key = '' and f.attempts > 0
                    order by f.next_at limit 1 for update skip locked) f)
            update webhook_lane l set next_at = now()
            from first where l.endpoint = first.id and l.lane = first.lane and l.key = ''""";

    private static final String RELEASE_ALL =
            "update webhook_lane set lease_owner = null, lease_until = null where lease_owner = $1";

    private final Owner owner;

    public Lanes(Owner owner) {
        this.owner = owner;
    }

    /**
     * @param most lanes
     * @param readAhead most events of each
     */
    public record Request(
            String endpoint, List<LaneKey> wanted, int most, int readAhead, List<String> types, Cut cut) {}

    public Future<Claim> claim(Request request) {
        long asked = System.nanoTime();
        Tuple first = Tuple.of(request.endpoint(), owner.id(), owner.leaseMillis());
        Tuple arguments = Columns.behind(first, request.wanted())
                .integers(LaneKey::lane)
                .texts(LaneKey::key)
                .tuple()
                .addInteger(request.most())
                .addArrayOfString(request.types().toArray(String[]::new))
                .addInteger(request.readAhead())
                .addInteger(request.cut().size())
                .addBoolean(request.cut().byType());
        return owner.run(CLAIM, arguments).map(rows -> Claim.of(request, rows, asked));
    }

    /**
     * What a sweep finds.
     *
     * @param revisions of the endpoints, a text that differs if one was changed
     * @param due lanes of any endpoint that no event tells of
     * @param soon true if there are such, or will be soon
     */
    public record Sight(String revisions, List<LaneKey> due, boolean soon) {}

    public Future<Sight> sweep() {
        return owner.run(UNSETTLED, Tuple.tuple()).map(rows -> {
            Row first = rows.iterator().next();
            return new Sight(
                    first.getString("revisions"),
                    Rows.stream(rows)
                            .filter(row -> row.getValue("lane") != null)
                            .map(LaneKey::of)
                            .toList(),
                    first.getBoolean("soon"));
        });
    }

    /** The lanes that are still ours. */
    Future<List<LaneKey>> renew(Collection<LaneKey> lanes) {
        Tuple arguments = Columns.behind(
                        Tuple.of(owner.id(), owner.leaseMillis()),
                        lanes.stream().sorted(LaneKey.ORDER).toList())
                .texts(LaneKey::endpoint)
                .integers(LaneKey::lane)
                .texts(LaneKey::key)
                .tuple();
        return owner.run(RENEW, arguments).map(rows -> Rows.list(rows, LaneKey::of));
    }

    /** Makes every lane that waits for a retry due now. */
    public Future<List<LaneKey>> wakeFailing(String endpoint) {
        return owner.run(WAKE_FAILING, Tuple.of(endpoint)).map(rows -> Rows.list(rows, LaneKey::of));
    }

    /** Tries once a minute whether an endpoint that fails is back, if nothing else does. */
    public Future<Void> probe() {
        return owner.run(PROBE, Tuple.tuple()).mapEmpty();
    }

    public Future<Void> releaseAll() {
        return owner.run(RELEASE_ALL, Tuple.of(owner.id())).mapEmpty();
    }
}
