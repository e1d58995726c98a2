package dev.herald.fanout.inbox;

import dev.herald.channel.Channels;
import dev.herald.fanout.inbox.InboxCalls.Run;
import dev.herald.postgres.Columns;
import dev.herald.postgres.Rows;
import dev.herald.redis.RedisScript;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlResult;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Ends what has waited for so long: commands, memberships that no command asks for any more, traces of what lists have
 * lost, and devices that never came. Every step is idempotent and small, so that all nodes may do it.
 */
public final class Retention {
    private static final RedisScript FORGET = InboxCalls.load("inbox-forget");
    private static final int BATCH = 1_000;

    /** Of one kind in one sweep; the next one goes on. */
    private static final int MOST_BATCHES = 500;

    private static final String EXPIRED = "now() - $1::bigint * interval '1 millisecond'";

    /** How far it has got is noted with it, for the readers of inboxes that are lost with all the pointers to these. */
    private static final String COMMANDS = """
            with ended as (
                delete from cmd where id in (
                    select id from cmd where done_at < %s order by done_at limit %d for update skip locked)
                returning id, done_at),
            noted as (
                insert into cmd_ended as e (id, done_at)
                select max(id), max(done_at) from ended having count(*) > 0
                on conflict (one) do update
                set id = greatest(e.id, excluded.id), done_at = greatest(e.done_at, excluded.done_at))
            select count(*)::int as size from ended""".formatted(EXPIRED, BATCH);

    /**
     * Who left before the revision of every command that is still there is asked for by none, after a while not even by
     * nodes. Commands that are done and those that are not are asked for apart: each kind has an index of its own.
     */
    private static final String MEMBERS = """
            with page as (
                select channel, uid, since, until, closed_at from member
                where until is not null and (channel, uid, since) > ($1, $2, $3)
                order by channel, uid, since limit %d),
            ended as (
                delete from member m using page p
                where m.channel = p.channel and m.uid = p.uid and m.since = p.since
                  and (p.closed_at is null or p.closed_at < now() - interval '%d seconds')
                  and not exists (select from cmd c
                      where c.channel = p.channel and c.done_at is not null and c.revision <= p.until)
                  and not exists (select from cmd c
                      where c.channel = p.channel and c.done_at is null and c.revision <= p.until))
            select channel, uid, since, count(*) over () as size from page
            order by channel desc, uid desc, since desc limit 1""".formatted(BATCH, Channels.DEPARTURES_KEPT.toSeconds());

    private static final String UNLISTED = """
            delete from unlisted where id in (select id from unlisted order by id limit %d)
                and gone_at < now() - interval '%d seconds'""".formatted(BATCH, Channels.DEPARTURES_KEPT.toSeconds());

    private static final String DEVICES = """
            select uid, device_flag, coalesce((select min(id) from cmd), 0) as oldest from device_cursor
            where seen_at < %s and device_flag <> %d order by seen_at limit %d""".formatted(EXPIRED, Readers.NO_READER, BATCH);

    /** Whoever is connected comes, though neither a command nor an acknowledgement has told so for long. */
    private static final String CONNECTED = """
            update device_cursor d set seen_at = now() from unnest($1::text[], $2::smallint[]) c(uid, flag)
            where d.uid = c.uid and d.device_flag = c.flag""";

    /** That there was one stays known, so that the next to come can be told that the list was cut, whatever Redis loses. */
    private static final String FORGET_DEVICES = """
            with forgotten as (
                delete from device_cursor d using unnest($1::text[], $2::smallint[]) f(uid, flag)
                where d.uid = f.uid and d.device_flag = f.flag
                  and d.seen_at < now() - $3::bigint * interval '1 millisecond'
                returning d.uid, d.tail, d.epoch, d.as_of)
            insert into device_cursor as d (uid, device_flag, seq, floor, tail, epoch, as_of)
            select distinct on (uid) uid, %d, 0, 0, tail, epoch, as_of from forgotten order by uid, as_of desc
            on conflict (uid, device_flag) do update
            set tail = excluded.tail, epoch = excluded.epoch, as_of = excluded.as_of
            where excluded.as_of > d.as_of""".formatted(Readers.NO_READER);

    private final SqlClient pg;
    private final InboxCalls calls;
    private final long millis;

    public Retention(SqlClient pg, InboxCalls calls, Duration retention) {
        this.pg = pg;
        this.calls = calls;
        this.millis = retention.toMillis();
    }

    public Future<Void> sweep() {
        return repeat(MOST_BATCHES, this::endCommands)
                .compose(ended -> endMembers(MOST_BATCHES, Tuple.of(0L, "", 0L)))
                .compose(ended -> repeat(MOST_BATCHES, this::endTraces))
                .compose(ended ->
                        calls.arePossible() ? repeat(MOST_BATCHES, this::forgetDevices) : Future.succeededFuture());
    }

    /** As long as batches are full. */
    private static Future<Void> repeat(int most, Supplier<Future<Integer>> batch) {
        return batch.get()
                .compose(size -> size < BATCH || most == 1 ? Future.succeededFuture() : repeat(most - 1, batch));
    }

    private Future<Integer> endCommands() {
        return pg.preparedQuery(COMMANDS)
                .execute(Tuple.of(millis))
                .map(rows -> rows.iterator().next().getInteger("size"));
    }

    private Future<Integer> endTraces() {
        return pg.preparedQuery(UNLISTED).execute().map(SqlResult::rowCount);
    }

    private Future<Void> endMembers(int most, Tuple after) {
        return pg.preparedQuery(MEMBERS).execute(after).compose(rows -> {
            for (Row last : rows) {
                if (last.getLong("size") == BATCH && most > 1) {
                    return endMembers(
                            most - 1, Tuple.of(last.getLong("channel"), last.getString("uid"), last.getLong("since")));
                }
            }
            return Future.succeededFuture();
        });
    }

    private record Absent(String uid, short flag) {}

    /** First in Redis: what PostgreSQL still knows is found again by the next sweep. */
    private Future<Integer> forgetDevices() {
        return pg.preparedQuery(DEVICES).execute(Tuple.of(millis)).compose(rows -> {
            List<Absent> connected = new ArrayList<>();
            List<Absent> forgotten = new ArrayList<>();
            List<Future<?>> answers = Rows.list(rows, row -> {
                Absent device = new Absent(row.getString("uid"), row.getShort("device_flag"));
                // Each alone, so that one whose keys hold foreign data does not keep the others.
                Run forget = Run.of(device.uid, Readers.field(device.flag), row.getLong("oldest"));
                return calls.evalEach(FORGET, List.of(forget))
                        .onSuccess(
                                gone -> (InboxCalls.number(gone.getFirst()) < 0 ? connected : forgotten).add(device));
            });
            return Future.join(answers)
                    .compose(done -> pg.preparedQuery(CONNECTED).execute(columns(connected)))
                    .compose(done -> pg.preparedQuery(FORGET_DEVICES)
                            .execute(columns(forgotten).addLong(millis)))
                    .map(rows.size());
        });
    }

    private static Tuple columns(List<Absent> devices) {
        return Columns.of(devices).texts(Absent::uid).shorts(Absent::flag).tuple();
    }
}
