package dev.herald.fanout.walk;

import dev.herald.command.CommandLog;
import dev.herald.command.CommandRows;
import dev.herald.fanout.epoch.Epoch;
import dev.herald.fanout.inbox.CoalesceKey;
import dev.herald.postgres.Columns;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The source log of commands: which of them are this node's to fan out, and how far each has got. Every write but the
 * last of a command is committed without waiting for the disk, since losing it only repeats an idempotent page.
 */
public final class PendingCommands {
    private static final Logger log = LoggerFactory.getLogger(PendingCommands.class);

    /** Channels count from 1. */
    private static final long BEFORE_ALL = 0;

    /** The addressed users of row {@code c} behind the last that was reached; a node of before may have left uids unsorted. */
    private static final String PAGE = """
            case when c.uids is null then array(
                select distinct m.uid from member m
                where m.channel = c.channel and m.uid > c.reached and %s
                order by m.uid limit $3)
            when c.in_order then c.uids[c.written + 1 : c.written + $3::integer]
            else array(
                select distinct u collate "C" as uid from unnest(c.uids) u
                where u collate "C" > c.reached order by uid limit $3)
            end as page""".formatted(CommandLog.ADDRESSES);

    private static final String LEASE = "lease_owner = $1, lease_until = now() + $2::bigint * interval '1 millisecond'";

    /** What was reached in an earlier epoch may be lost with the Redis of that, and its leases are over. */
    private static final String BEGIN = LEASE + """
            , epoch = $4, reached = case c.epoch when $4 then c.reached else '' end,
            written = case c.epoch when $4 then c.written else 0 end""";

    private static final String FREE = "(c.epoch < $4 or c.lease_until is null or c.lease_until < now())";

    /** Of a row found by its id: put so that the planner cannot go through a partial index of pending rows instead. */
    private static final String PENDING = "coalesce(c.done_at, 'infinity') = 'infinity'";

    /** Who still writes to a Redis in whose place another was put must not take that for done. */
    private static final String EPOCH = "$4 = (select number from redis_epoch)";

    private static final String UNSYNCED = "set_config('synchronous_commit', 'off', true) = 'off'";

    /** Milliseconds since the commit, about. */
    private static final String AGE = "(extract(epoch from clock_timestamp() - c.created_at) * 1000)::bigint";

    private static final String COLUMNS = CommandRows.COLUMNS + ", c.channel, c.coalesce_key, " + AGE + " as age";

    private static final String IS_DUE = EPOCH + " and " + FREE + " and ($6 or c.reached = '' or c.epoch < $4)";

    /** Of the channels, and of the commands to users, in one claim: however many are under way, or wait for room. */
    static final int MOST_LOOKED_AT = 500;

    /**
     * Steps from channel to channel, not from row to row: of a backlog the first row of each is all that is looked at. Of
     * the commands with a channel and those with users each gets its turn. The order by channel and id forces the one
     * index that serves it; by id alone the planner would filter another, and read all pending rows.
     */
    private static final String DUE = """
            with recursive head(channel, id, place) as (
                (select channel, id, 1 from cmd where done_at is null and channel > $7 order by channel, id limit 1)
                union all
                select next.*, h.place + 1 from head h cross join lateral (
                    select channel, id from cmd where done_at is null and channel > h.channel
                    order by channel, id limit 1) next
                where h.place < %1$d),
            of_channels as materialized (
                select c.* from head h cross join lateral (
                    select c.channel, c.id from cmd c where c.id = h.id and %2$s and %3$s for update skip locked) c
                limit $5),
            due as materialized (
                select id from (
                    select id, false as to_users, row_number() over (order by channel) as turn from of_channels
                    union all
                    select id, true, row_number() over (order by id) from (
                        select c.id from (
                            select id from cmd where done_at is null and channel is null
                            order by channel, id limit %1$d) u
                        cross join lateral (
                            select c.id from cmd c where c.id = u.id and %2$s and %3$s for update skip locked) c
                        limit $5) of_users) turns
                order by turn, to_users <> $8, id limit $5)""".formatted(MOST_LOOKED_AT, PENDING, IS_DUE);

    /** Where there were too many channels to look at, the last one that was. */
    private static final String LOOKED_AT =
            "case when (select count(*) from of_channels) < $5 then (select channel from head where place = %d) end"
                    .formatted(MOST_LOOKED_AT);

    static final String CLAIM =
            DUE + """
            , claimed as (
                update cmd c set %s from due where c.id = due.id and %s and %s returning c.*)
            select f.floor, coalesce((%s from cmd c where c.id = f.floor and c.done_at is null), 0) as oldest,
                %s as looked_at, %s, %s
            from (select coalesce(
                (select min(id) from cmd where done_at is null), (select max(id) + 1 from cmd), 0) as floor) f
            left join claimed c on true order by c.id""".formatted(BEGIN, PENDING, UNSYNCED, "select " + AGE, LOOKED_AT, COLUMNS, PAGE);

    /** Takes leases, and reads nothing of the commands that could fail. */
    private static final String TAKE = DUE + """
            update cmd c set %s from due where c.id = due.id and %s returning c.id, $3::integer as page_size""".formatted(BEGIN, PENDING);

    private static final String READ = """
            update cmd c set %s where c.id = $5 and c.lease_owner = $1 and c.epoch = $4 and %s and %s returning %s, %s""".formatted(LEASE, PENDING, UNSYNCED, COLUMNS, PAGE);

    /** An earlier walk of the same node's finds that the later one has got further. */
    private static final String IS_OURS =
            "c.id = $5 and c.lease_owner = $1 and c.epoch = $4 and c.reached < $6 and " + EPOCH + " and " + PENDING;

    private static final String ADVANCE = """
            update cmd c set %s, reached = $6, written = written + $7
            where %s and %s returning %s""".formatted(LEASE, IS_OURS, UNSYNCED, PAGE);

    /**
     * Of a channel whose page is far from full, so many are claimed together: none of them has further pages, and all of
     * them are no more to keep than one page.
     */
    private static final String RUN = """
            case when $3 / 8 > (select count(*) from (select from member m where m.channel = e.channel limit $3 / 8) few)
            then 16 else 1 end""";

    /** Of the payloads that are claimed together, but for the last one's: many channels at once have runs. */
    private static final int MOST_BYTES = 1 << 16;

    /**
     * The next command of a channel was nobody's as long as the one before was pending. No epoch begins meanwhile: an inbox
     * would be rebuilt without a command that is not done yet, and nobody would walk it again.
     */
    static final String FINISH = """
            with current as (select number from redis_epoch for share),
            ended as (
                update cmd c set done_at = now(), lease_until = null, reached = greatest(c.reached, f.reached),
                    written = c.written + case when c.reached < f.reached then f.written else 0 end
                from current, unnest($5::bigint[], $6::text[], $7::integer[]) f(id, reached, written)
                where c.id = f.id and current.number = $4 and c.epoch = $4 and c.lease_owner = $1 and %s
                returning c.id, c.channel),
            next as (
                select n.id, e.id as before from (select channel, max(id) as id from ended group by channel) e
                cross join lateral (
                    select c.id, c.channel = e.channel
                        and bool_and(c.channel <> e.channel or %s) over (order by c.id)
                        and sum(octet_length(c.payload)) over (order by c.id) - octet_length(c.payload) < %d as is_next from (
                        select * from cmd where done_at is null and (channel, id) > (e.channel, e.id)
                        order by channel, id limit %s) c) n
                where $8 and n.is_next),
            claimed as (
                update cmd c set %s from next where c.id = next.id returning c.*, next.before)
            select c.before, %s, %s from claimed c order by c.id desc""".formatted(PENDING, FREE, MOST_BYTES, RUN, BEGIN, COLUMNS, PAGE);

    private static final String RELEASE =
            "update cmd set lease_owner = null, lease_until = null where lease_owner = $1 and done_at is null";

    private final SqlClient pg;
    private final long incarnation;
    private final Duration lease;
    private final int pageSize;
    private final Epoch epoch;

    /** Of the channels that had something claimed; the next claim begins behind it, so that each gets its turn. */
    private long lastChannel = BEFORE_ALL;

    /** Where there is room for one, users and channels take turns. */
    private boolean usersFirst;

    public PendingCommands(SqlClient pg, long incarnation, Duration lease, int pageSize, Epoch epoch) {
        this.pg = pg;
        this.incarnation = incarnation;
        this.lease = lease;
        this.pageSize = pageSize;
        this.epoch = epoch;
    }

    /**
     * @param floor no command with a lower id is pending, and none will be but those whose transaction is still open
     * @param oldest for how long the oldest pending command has waited; none if nothing is pending
     * @param lookedAt the last channel if there were too many to look at
     */
    record Claimed(long floor, Duration oldest, long lookedAt, List<Claim> claims) {}

    /**
     * Commands that nobody fans out: the first of each channel, and the oldest of those that name their users.
     *
     * @param begun also those that have reached somebody
     */
    Future<Claimed> claim(int most, boolean begun) {
        return claimAll(most, begun)
                .recover(cause -> most > 0 && PgClients.isRefusal(cause)
                        ? claimAll(0, begun).compose(looked -> claimEach(most, begun)
                                .map(claims -> new Claimed(looked.floor(), looked.oldest(), looked.lookedAt(), claims)))
                        : Future.failedFuture(cause));
    }

    private Future<Claimed> claimAll(int most, boolean begun) {
        usersFirst = !usersFirst;
        long behind = lastChannel;
        return claimBehind(most, begun, new ArrayList<>()).compose(claimed -> {
            int room = most - claimed.claims().size();
            boolean hadTurn = most > 1 || (most == 1 && !usersFirst);
            if (room > 0 || (hadTurn && lastChannel == behind)) {
                lastChannel = claimed.lookedAt();
            }
            return room > 0 && behind != BEFORE_ALL && lastChannel == BEFORE_ALL
                    ? claimBehind(room, begun, claimed.claims()).otherwise(claimed)
                    : Future.succeededFuture(claimed);
        });
    }

    private Future<Claimed> claimBehind(int most, boolean begun, List<Claim> claims) {
        long now = System.nanoTime();
        long known = epoch.number();
        return pg.preparedQuery(CLAIM).execute(due(known, most, begun)).map(rows -> {
            long floor = 0;
            Duration oldest = Duration.ZERO;
            long lookedAt = BEFORE_ALL;
            for (Row row : rows) {
                floor = row.getLong("floor");
                oldest = Duration.ofMillis(row.getLong("oldest"));
                lookedAt = channel(row.getLong("looked_at"));
                if (row.getLong("id") != null) {
                    claims.add(claim(row, known, now, null));
                    lastChannel = Math.max(lastChannel, channel(row.getLong("channel")));
                }
            }
            return new Claimed(floor, oldest, lookedAt, claims);
        });
    }

    /** One that cannot be read keeps its lease for now, so that it holds up no others, and is tried again after it. */
    private Future<List<Claim>> claimEach(int most, boolean begun) {
        long known = epoch.number();
        return pg.preparedQuery(TAKE).execute(due(known, most, begun)).compose(rows -> {
            List<Claim> claims = new ArrayList<>();
            List<Future<?>> reads = new ArrayList<>();
            for (Row row : rows) {
                long id = row.getLong("id");
                long now = System.nanoTime();
                reads.add(pg.preparedQuery(READ)
                        .execute(leasing(known).addLong(id))
                        .onSuccess(found -> found.forEach(each -> claims.add(claim(each, known, now, null))))
                        .onFailure(cause -> log.atError()
                                .addKeyValue("command", id)
                                .setCause(cause)
                                .log("cannot be read, others go on")));
            }
            return Future.join(reads).transform(done -> Future.succeededFuture(claims));
        });
    }

    /** Notes that the page was reached, renews the lease and reads the next page; empty if another walk has got further. */
    Future<Optional<Claim>> advance(Claim claim) {
        long now = System.nanoTime();
        return note(claim, leasing(claim.epoch())).map(rows -> {
            for (Row row : rows) {
                return Optional.of(claim.at(page(row), now));
            }
            return Optional.empty();
        });
    }

    /** Notes that the page was reached, and leaves the rest to whoever claims the command next. */
    Future<Optional<Claim>> pause(Claim claim) {
        return note(claim, Tuple.of(incarnation, 0L, 0, claim.epoch())).map(Optional.empty());
    }

    private Future<RowSet<Row>> note(Claim claim, Tuple leasing) {
        return pg.preparedQuery(ADVANCE)
                .execute(leasing.addLong(claim.id())
                        .addString(lastOf(claim))
                        .addInteger(claim.page().size()));
    }

    /** True if the claim's page is the command's last. */
    boolean isLast(Claim claim) {
        return claim.page().size() < pageSize;
    }

    /**
     * Notes that commands have reached everybody.
     *
     * @param follow claim what comes next in each of their channels, too
     * @return those next commands by the id of the one before
     */
    Future<Map<Long, Claim>> finish(List<Claim> claims, boolean follow) {
        long now = System.nanoTime();
        long known = claims.stream().mapToLong(Claim::epoch).max().orElse(0);
        List<Claim> current =
                claims.stream().filter(claim -> claim.epoch() == known).toList();
        Tuple values = Columns.behind(leasing(known), current)
                .longs(Claim::id)
                .texts(PendingCommands::lastOf)
                .integers(claim -> claim.page().size())
                .tuple()
                .addBoolean(follow);
        return pg.preparedQuery(FINISH).execute(values).map(rows -> {
            Map<Long, Claim> next = new HashMap<>();
            rows.forEach(
                    row -> next.compute(row.getLong("before"), (before, behind) -> claim(row, known, now, behind)));
            return next;
        });
    }

    /** Gives up every lease of this node. */
    public Future<Void> release() {
        return pg.preparedQuery(RELEASE).execute(Tuple.of(incarnation)).mapEmpty();
    }

    private Tuple due(long known, int most, boolean begun) {
        return leasing(known)
                .addInteger(most)
                .addBoolean(begun)
                .addLong(lastChannel)
                .addBoolean(usersFirst);
    }

    private Tuple leasing(long known) {
        return Tuple.of(incarnation, lease.toMillis(), pageSize, known);
    }

    private static Claim claim(Row row, long epoch, long leasedAt, @Nullable Claim next) {
        return new Claim(
                CommandRows.command(row),
                CoalesceKey.brief(row.getString("coalesce_key")),
                epoch,
                leasedAt - Duration.ofMillis(row.getLong("age")).toNanos(),
                page(row),
                leasedAt,
                next);
    }

    private static long channel(@Nullable Long channel) {
        return channel == null ? BEFORE_ALL : channel;
    }

    private static List<String> page(Row row) {
        return List.of(row.getArrayOfStrings("page"));
    }

    private static String lastOf(Claim claim) {
        return claim.page().isEmpty() ? "" : claim.page().getLast();
    }
}
