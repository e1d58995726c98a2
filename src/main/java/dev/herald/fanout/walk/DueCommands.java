package dev.herald.fanout.walk;

import static dev.herald.fanout.walk.ClaimRows.AGE;
import static dev.herald.fanout.walk.ClaimRows.BEGIN;
import static dev.herald.fanout.walk.ClaimRows.COLUMNS;
import static dev.herald.fanout.walk.ClaimRows.EPOCH;
import static dev.herald.fanout.walk.ClaimRows.FREE;
import static dev.herald.fanout.walk.ClaimRows.LEASE;
import static dev.herald.fanout.walk.ClaimRows.PAGE;
import static dev.herald.fanout.walk.ClaimRows.PENDING;
import static dev.herald.fanout.walk.ClaimRows.UNSYNCED;
import static dev.herald.fanout.walk.ClaimRows.claimOf;

import dev.herald.fanout.epoch.Epoch;
import dev.herald.fanout.walk.ClaimRows.Lessee;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Claims what nobody fans out, so that every channel and every user with a command gets a turn, however many there are. */
final class DueCommands {
    private static final Logger log = LoggerFactory.getLogger(DueCommands.class);

    /** Channels count from 1. */
    private static final long BEFORE_ALL = 0;

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

    private final SqlClient pg;
    private final Lessee lessee;
    private final Epoch epoch;

    /** Of the channels that had something claimed; the next claim begins behind it, so that each gets its turn. */
    private long lastChannel = BEFORE_ALL;

    /** Where there is room for one, users and channels take turns. */
    private boolean usersFirst;

    DueCommands(SqlClient pg, Lessee lessee, Epoch epoch) {
        this.pg = pg;
        this.lessee = lessee;
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
                    claims.add(claimOf(row, known, now, null));
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
                        .execute(lessee.leasing(known).addLong(id))
                        .onSuccess(found -> found.forEach(each -> claims.add(claimOf(each, known, now, null))))
                        .onFailure(cause -> log.atError()
                                .addKeyValue("command", id)
                                .setCause(cause)
                                .log("cannot be read, others go on")));
            }
            return Future.join(reads).transform(done -> Future.succeededFuture(claims));
        });
    }

    private Tuple due(long known, int most, boolean begun) {
        return lessee.leasing(known)
                .addInteger(most)
                .addBoolean(begun)
                .addLong(lastChannel)
                .addBoolean(usersFirst);
    }

    private static long channel(@Nullable Long channel) {
        return channel == null ? BEFORE_ALL : channel;
    }
}
