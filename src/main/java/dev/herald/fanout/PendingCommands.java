package dev.herald.fanout;

import dev.herald.command.CommandLog;
import dev.herald.postgres.Columns;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The source log of commands: which of them are this node's to fan out, and how far each has got. Every write but the
 * last of a command is committed without waiting for the disk, since losing it only repeats an idempotent page.
 */
final class PendingCommands {
    private static final Logger log = LoggerFactory.getLogger(PendingCommands.class);

    /** The addressed users of row {@code c} behind the last that was reached. */
    private static final String PAGE = """
            case when c.uids is null then array(
                select distinct m.uid from member m
                where m.channel = c.channel and m.uid > c.reached and %s
                order by m.uid limit $3)
            else array(
                select distinct u collate "C" as uid from unnest(c.uids) u
                where u collate "C" > c.reached order by uid limit $3)
            end as page""".formatted(CommandLog.ADDRESSES);

    private static final String LEASE = "lease_owner = $1, lease_until = now() + $2::bigint * interval '1 millisecond'";
    private static final String FREE = "(lease_until is null or lease_until < now())";

    /** Of a row found by its id: put so that the planner cannot go through a partial index of pending rows instead. */
    private static final String PENDING = "coalesce(c.done_at, 'infinity') = 'infinity'";

    /** Who still writes to a Redis in whose place another was put must not take that for done. */
    private static final String EPOCH = "= (select number from redis_epoch)";

    private static final String UNSYNCED = "set_config('synchronous_commit', 'off', true) = 'off'";

    /** Milliseconds since the commit, about. */
    private static final String AGE = "(extract(epoch from clock_timestamp() - c.created_at) * 1000)::bigint";

    private static final String COLUMNS = CommandRows.COLUMNS + ", c.coalesce_key, c.walk, " + AGE + " as age";

    /** Steps from row to row by index: the planner takes pending rows for few, and would read them all each time. */
    private static final String DUE = """
            with recursive pending(id) as (
                select min(id) from cmd where done_at is null
                union all
                select (select c.id from cmd c where c.done_at is null and c.id > p.id order by c.id limit 1)
                from pending p where p.id is not null),
            due as materialized (
                select c.id from pending p cross join lateral (
                    select c.id from cmd c
                    where c.id = p.id and $6 %s and %s and %s and ($5 or c.reached = '') and (c.channel is null or c.id = (
                        select e.id from cmd e where e.channel = c.channel and e.done_at is null
                        order by e.channel, e.id limit 1))
                    for update skip locked) c
                limit $4)""".formatted(EPOCH, PENDING, FREE);

    private static final String CLAIM = DUE + """
            , claimed as (
                update cmd c set %s from due where c.id = due.id and %s and %s returning c.*)
            select f.floor, coalesce((%s from cmd c where c.id = f.floor and c.done_at is null), 0) as oldest, %s, %s
            from (select coalesce(
                (select min(id) from cmd where done_at is null), (select max(id) + 1 from cmd), 0) as floor) f
            left join claimed c on true order by c.id""".formatted(LEASE, PENDING, UNSYNCED, "select " + AGE, COLUMNS, PAGE);

    /** Takes leases, and reads nothing of the commands that could fail. */
    private static final String TAKE = DUE + """
            update cmd c set %s from due where c.id = due.id and %s returning c.id, $3::integer as page_size""".formatted(LEASE, PENDING);

    private static final String READ = """
            update cmd c set %s where c.id = $4 and c.lease_owner = $1 and %s and %s returning %s, %s""".formatted(LEASE, PENDING, UNSYNCED, COLUMNS, PAGE);

    private static final String ADVANCE = """
            update cmd c set %s, reached = $5, written = written + $6
            where c.id = $4 and c.lease_owner = $1 and c.walk = $7 and $8 %s and %s and %s returning %s""".formatted(LEASE, EPOCH, PENDING, UNSYNCED, PAGE);

    private static final String PAUSE = """
            update cmd c set reached = $3, written = written + $4, lease_owner = null, lease_until = null
            where c.id = $2 and c.lease_owner = $1 and c.walk = $5 and $6 %s and %s and %s""".formatted(EPOCH, PENDING, UNSYNCED);

    /** The next command of a channel was nobody's as long as the one before was pending. */
    private static final String FINISH = """
            with ended as (
                update cmd c set done_at = now(), lease_until = null,
                    reached = greatest(c.reached, f.reached), written = c.written + f.written
                from unnest($4::bigint[], $5::text[], $6::integer[], $7::integer[], $8::bigint[])
                    f(id, reached, written, walk, epoch)
                where c.id = f.id and c.lease_owner = $1 and c.walk = f.walk and f.epoch %s and %s
                returning c.id, c.channel),
            next as (
                select n.id, e.id as before from ended e cross join lateral (
                    select * from cmd where channel = e.channel and id > e.id and done_at is null
                    order by channel, id limit 1) n
                where $9 and %s),
            claimed as (
                update cmd c set %s from next where c.id = next.id returning c.*, next.before)
            select c.before, %s, %s from claimed c""".formatted(EPOCH, PENDING, FREE, LEASE, COLUMNS, PAGE);

    private static final String RELEASE =
            "update cmd set lease_owner = null, lease_until = null where lease_owner = $1 and done_at is null";

    private final SqlClient pg;
    private final long incarnation;
    private final Duration lease;
    private final int pageSize;
    private final Epoch epoch;

    PendingCommands(SqlClient pg, long incarnation, Duration lease, int pageSize, Epoch epoch) {
        this.pg = pg;
        this.incarnation = incarnation;
        this.lease = lease;
        this.pageSize = pageSize;
        this.epoch = epoch;
    }

    /**
     * @param floor no command with a lower id is pending, and none will be but those whose transaction is still open
     * @param oldest for how long the oldest pending command has waited; none if nothing is pending
     */
    record Claimed(long floor, Duration oldest, List<Claim> claims) {}

    /**
     * The oldest commands that nobody fans out, except those of a channel that has an earlier one pending.
     *
     * @param begun also those that have reached somebody
     */
    Future<Claimed> claim(int most, boolean begun) {
        return claimAll(most, begun)
                .recover(cause -> most > 0 && PgClients.isRefusal(cause)
                        ? claimAll(0, begun).compose(looked -> claimEach(most, begun)
                                .map(claims -> new Claimed(looked.floor(), looked.oldest(), claims)))
                        : Future.failedFuture(cause));
    }

    private Future<Claimed> claimAll(int most, boolean begun) {
        long now = System.nanoTime();
        long known = epoch.number();
        return pg.preparedQuery(CLAIM).execute(due(most, begun, known)).map(rows -> {
            long floor = 0;
            Duration oldest = Duration.ZERO;
            List<Claim> claims = new ArrayList<>();
            for (Row row : rows) {
                floor = row.getLong("floor");
                oldest = Duration.ofMillis(row.getLong("oldest"));
                if (row.getLong("id") != null) {
                    claims.add(claim(row, known, now));
                }
            }
            return new Claimed(floor, oldest, claims);
        });
    }

    /** One that cannot be read keeps its lease for now, so that it holds up no others, and is tried again after it. */
    private Future<List<Claim>> claimEach(int most, boolean begun) {
        long known = epoch.number();
        return pg.preparedQuery(TAKE).execute(due(most, begun, known)).compose(rows -> {
            List<Claim> claims = new ArrayList<>();
            List<Future<?>> reads = new ArrayList<>();
            for (Row row : rows) {
                long id = row.getLong("id");
                long now = System.nanoTime();
                reads.add(pg.preparedQuery(READ)
                        .execute(tuple().addLong(id))
                        .onSuccess(found -> found.forEach(each -> claims.add(claim(each, known, now))))
                        .onFailure(cause -> log.atError()
                                .addKeyValue("command", id)
                                .setCause(cause)
                                .log("cannot be read, others go on")));
            }
            return Future.join(reads).transform(done -> Future.succeededFuture(claims));
        });
    }

    /** Notes that the page was reached, renews the lease and reads the next page; empty if another node has the lease. */
    Future<Optional<Claim>> advance(Claim claim) {
        long now = System.nanoTime();
        Tuple values = tuple().addLong(claim.id())
                .addString(lastOf(claim))
                .addInteger(claim.page().size())
                .addInteger(claim.walk())
                .addLong(claim.epoch());
        return pg.preparedQuery(ADVANCE).execute(values).map(rows -> {
            for (Row row : rows) {
                return Optional.of(claim.at(page(row), now));
            }
            return Optional.empty();
        });
    }

    /** Notes that the page was reached, and leaves the rest to whoever claims the command next. */
    Future<Optional<Claim>> pause(Claim claim) {
        Tuple values =
                Tuple.of(incarnation, claim.id(), lastOf(claim), claim.page().size(), claim.walk(), claim.epoch());
        return pg.preparedQuery(PAUSE).execute(values).map(Optional.empty());
    }

    /** True if the claim's page is the command's last. */
    boolean isLast(Claim claim) {
        return claim.page().size() < pageSize;
    }

    /**
     * Notes that commands have reached everybody.
     *
     * @param follow claim the next command of each of their channels, too
     * @return those next commands by the id of the one before
     */
    Future<Map<Long, Claim>> finish(List<Claim> claims, boolean follow) {
        long now = System.nanoTime();
        long known = claims.stream().mapToLong(Claim::epoch).max().orElse(0);
        Tuple values = Columns.behind(tuple(), claims)
                .longs(Claim::id)
                .texts(PendingCommands::lastOf)
                .integers(claim -> claim.page().size())
                .integers(Claim::walk)
                .longs(Claim::epoch)
                .tuple()
                .addBoolean(follow);
        return pg.preparedQuery(FINISH).execute(values).map(rows -> {
            Map<Long, Claim> next = new HashMap<>();
            rows.forEach(row -> next.put(row.getLong("before"), claim(row, known, now)));
            return next;
        });
    }

    /** Gives up every lease of this node. */
    Future<Void> release() {
        return pg.preparedQuery(RELEASE).execute(Tuple.of(incarnation)).mapEmpty();
    }

    private Tuple due(int most, boolean begun, long known) {
        return tuple().addInteger(most).addBoolean(begun).addLong(known);
    }

    private Tuple tuple() {
        return Tuple.of(incarnation, lease.toMillis(), pageSize);
    }

    private static Claim claim(Row row, long epoch, long leasedAt) {
        return new Claim(
                CommandRows.command(row),
                CoalesceKey.brief(row.getString("coalesce_key")),
                epoch,
                row.getInteger("walk"),
                leasedAt - Duration.ofMillis(row.getLong("age")).toNanos(),
                page(row),
                leasedAt);
    }

    private static List<String> page(Row row) {
        return List.of(row.getArrayOfStrings("page"));
    }

    private static String lastOf(Claim claim) {
        return claim.page().isEmpty() ? "" : claim.page().getLast();
    }
}
