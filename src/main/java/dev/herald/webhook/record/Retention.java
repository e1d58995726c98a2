package dev.herald.webhook.record;

import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Ends what has been kept for so long, in small steps that lock little and that all nodes may take: cursors pass what
 * their endpoint does not ask for, what waits too long becomes a dead letter, and delivered events, dead letters and
 * attempts go.
 */
public final class Retention {
    private static final int MOST_STEPS = 1_000;

    /** A lane with nothing for its endpoint is looked through once, not again and again. */
    private static final String PASS = """
            with horizon as (select pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1 as txid),
            idle as (
                select l.endpoint, l.lane from webhook_lane l join webhook_endpoint w on w.id = l.endpoint
                where l.lane < 64 and l.key = '' and l.batch_txid is null and l.attempts = 0
                    and (l.lease_until is null or l.lease_until <= now()) and w.state in ('active', 'paused')
                    and l.read_txid < (select txid from horizon)
                    and exists (select from event e
                        where e.lane = l.lane and (e.txid, e.id) > (l.read_txid, l.read_id)
                            and e.txid <= (select txid from horizon))
                    and not exists (select from event e
                        where e.lane = l.lane and (e.txid, e.id) > (l.read_txid, l.read_id)
                            and e.txid <= (select txid from horizon) and e.type = any (w.types))
                for update of l skip locked)
            update webhook_lane l set read_txid = h.txid, read_id = 9223372036854775807
            from idle i, horizon h
            where l.endpoint = i.endpoint and l.lane = i.lane and l.key = ''""";

    /** Lanes whose next event is too old. */
    private static final String LATE = """
            select l.endpoint, l.lane, l.key, w.types, w.url
            from webhook_lane l join webhook_endpoint w on w.id = l.endpoint
            where l.lane < 64 and w.state in ('active', 'paused')
                and (l.lease_until is null or l.lease_until <= now())
                and (select e.created_at from event e
                    where e.lane = l.lane and (e.txid, e.id) > (l.read_txid, l.read_id) and e.type = any (w.types)
                        and (l.key = '' or e.key = l.key)
                    order by e.txid, e.id limit 1) < now() - $1::bigint * interval '1 ms'
            limit 100""";

    /** A lane that was changed after the statement began is left for another time: a key may have come back to it. */
    private static final String ONLY_AS_SEEN = "set transaction isolation level repeatable read";

    private static final String CHANGED = "40001";

    /** Up to the first that is not: a later place in the log does not say that an event began later. */
    private static final String EXPIRE = """
            with l as (
                select * from webhook_lane
                where endpoint = $2 and lane = $3::int and key = $4 and (lease_until is null or lease_until <= now())
                for update skip locked),
            waiting as (
                select e.*, l.attempts from l join event e on e.lane = l.lane
                where (e.txid, e.id) > (l.read_txid, l.read_id) and e.type = any ($5::text[])
                    and e.txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
                    and case when l.key <> '' then e.key = l.key
                        else not exists (select from webhook_lane s
                            where s.endpoint = l.endpoint and s.lane = l.lane and s.key = e.key) end
                order by e.txid, e.id limit 500),
            old as (
                select * from (select *, bool_and(created_at < now() - $1::bigint * interval '1 ms')
                    over (order by txid, id) as is_old from waiting) w
                where is_old),
            dead as (
                insert into dead_letter
                    (endpoint, event_id, txid, lane, type, key, data, created_at, reason, status, attempts)
                select $2, id, txid, lane, type, key, data, created_at, 'expired', '', attempts from old
                on conflict (endpoint, event_id) do nothing),
            last as (select txid, id from old order by txid desc, id desc limit 1),
            moved as (
                update webhook_lane w
                set read_txid = last.txid, read_id = last.id, batch_txid = null, batch_id = null, attempts = 0,
                    failing_since = null, next_at = now()
                from last where w.endpoint = $2 and w.lane = $3::int and w.key = $4)
            select count(*) as size from old""";

    /** From the oldest on: who is behind holds up its lane only until what it waits for is a dead letter. */
    private static final String EVENTS = """
            with gone as (
                delete from event where (txid, id) in (
                    select e.txid, e.id from generate_series(0, 63) lane cross join lateral (
                        select * from event where event.lane = lane.lane order by txid, id limit 50) e
                    where e.created_at < now() - $1::bigint * interval '1 ms'
                        and not exists (
                            select from webhook_lane l join webhook_endpoint w on w.id = l.endpoint
                            where l.lane = e.lane and (l.key = '' or l.key = e.key)
                                and (l.read_txid, l.read_id) < (e.txid, e.id)
                                and w.state in ('active', 'paused') and e.type = any (w.types)))
                returning txid, id),
            floor as (
                update event_floor f set txid = g.txid, id = g.id
                from (select txid, id from gone order by txid desc, id desc limit 1) g
                where (f.txid, f.id) < (g.txid, g.id))
            select count(*) as size from gone""";

    /** Dead letters, attempts and, at last, deleted endpoints. */
    private static final String REST = """
            with letters as (
                delete from dead_letter where (endpoint, event_id) in (
                    select endpoint, event_id from dead_letter
                    where died_at < now() - $1::bigint * interval '1 ms' and replay_at is null
                    order by died_at limit 500 for update skip locked)
                returning 1),
            attempts as (
                delete from webhook_attempt where id in (
                    select id from (select id, at from webhook_attempt order by id limit 1000) oldest
                    where at < now() - $2::bigint * interval '1 ms')
                returning 1),
            letters_of_deleted as (
                delete from dead_letter where (endpoint, event_id) in (
                    select d.endpoint, d.event_id from webhook_endpoint w join dead_letter d on d.endpoint = w.id
                    where w.state = 'deleted' limit 500)
                returning 1),
            deleted as (
                delete from webhook_endpoint w
                where w.state = 'deleted' and not exists (select from dead_letter d where d.endpoint = w.id))
            select (select count(*) from letters) + (select count(*) from attempts)
                + (select count(*) from letters_of_deleted) as size""";

    private final PgClients pg;
    private final Ages ages;
    private final WebhookMeters meters;
    private final Outages outages;

    public Retention(PgClients pg, Ages ages, WebhookMeters meters) {
        this.pg = pg;
        this.ages = ages;
        this.meters = meters;
        this.outages = new Outages(pg);
    }

    /**
     * How long things are kept.
     *
     * @param backlog until an undelivered event becomes a dead letter
     */
    public record Ages(Duration backlog, Duration events, Duration deadLetters, Duration attempts) {}

    public Future<Void> sweep() {
        return outages.note(ages.backlog()).compose(this::sweep);
    }

    /** @param lost time in which nothing could be tried or fetched */
    private Future<Void> sweep(Duration lost) {
        SqlClient client = pg.transactions();
        Duration backlog = ages.backlog().plus(lost);
        Tuple events = millis(ages.events().plus(lost));
        Tuple rest = millis(ages.deadLetters()).addLong(ages.attempts().toMillis());
        return client.query(PASS)
                .execute()
                .compose(passed -> client.preparedQuery(LATE).execute(millis(backlog)))
                .compose(lanes -> expire(lanes, backlog))
                .compose(v -> repeat(MOST_STEPS, () -> step(client, EVENTS, events)))
                .compose(v -> repeat(MOST_STEPS, () -> step(client, REST, rest)));
    }

    private Future<Void> expire(RowSet<Row> lanes, Duration age) {
        Future<Void> all = Future.succeededFuture();
        for (Row lane : lanes) {
            all = all.compose(v -> expire(lane, age)).mapEmpty();
        }
        return all;
    }

    /** Told once an hour, before it is done: whoever dies in between has told too much, not too little. */
    private Future<Void> expire(Row lane, Duration age) {
        String endpoint = lane.getString("endpoint");
        Tuple arguments = millis(age)
                .addString(endpoint)
                .addInteger(lane.getInteger("lane"))
                .addString(lane.getString("key"))
                .addArrayOfString(lane.getArrayOfStrings("types"));
        return Health.expired(pg.transactions(), endpoint, lane.getString("url"), ages.backlog())
                .compose(told ->
                        repeat(MOST_STEPS, () -> bury(arguments).onSuccess(size -> meters.buried(endpoint, size))));
    }

    private Future<Long> bury(Tuple arguments) {
        return pg.transactions()
                .withTransaction(tx -> tx.query(ONLY_AS_SEEN).execute().compose(v -> step(tx, EXPIRE, arguments)))
                .map(size -> Objects.requireNonNull(size))
                .recover(cause -> cause instanceof PgException failed && CHANGED.equals(failed.getSqlState())
                        ? Future.succeededFuture(0L)
                        : Future.failedFuture(cause));
    }

    /** As long as there is something to do. */
    private static Future<Void> repeat(int most, Supplier<Future<Long>> step) {
        return step.get().compose(size -> size == 0 || most == 1 ? Future.succeededFuture() : repeat(most - 1, step));
    }

    private static Future<Long> step(SqlClient client, String sql, Tuple arguments) {
        return client.preparedQuery(sql)
                .execute(arguments)
                .map(rows -> rows.iterator().next().getLong("size"));
    }

    private static Tuple millis(Duration age) {
        return Tuple.of(age.toMillis());
    }
}
