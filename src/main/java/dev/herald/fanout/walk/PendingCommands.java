package dev.herald.fanout.walk;

import static dev.herald.fanout.walk.ClaimRows.BEGIN;
import static dev.herald.fanout.walk.ClaimRows.COLUMNS;
import static dev.herald.fanout.walk.ClaimRows.EPOCH;
import static dev.herald.fanout.walk.ClaimRows.FREE;
import static dev.herald.fanout.walk.ClaimRows.LEASE;
import static dev.herald.fanout.walk.ClaimRows.PAGE;
import static dev.herald.fanout.walk.ClaimRows.PENDING;
import static dev.herald.fanout.walk.ClaimRows.UNSYNCED;
import static dev.herald.fanout.walk.ClaimRows.claimOf;
import static dev.herald.fanout.walk.ClaimRows.page;

import dev.herald.fanout.epoch.Epoch;
import dev.herald.fanout.walk.ClaimRows.Lessee;
import dev.herald.postgres.Columns;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The source log of commands: which of them are this node's to fan out, and how far each has got. Every write but the
 * last of a command is committed without waiting for the disk, since losing it only repeats an idempotent page.
 */
public final class PendingCommands {
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
    private final Lessee lessee;
    private final DueCommands due;

    public PendingCommands(SqlClient pg, long incarnation, Duration lease, int pageSize, Epoch epoch) {
        this.pg = pg;
        this.lessee = new Lessee(incarnation, lease, pageSize);
        this.due = new DueCommands(pg, lessee, epoch);
    }

    /**
     * Commands that nobody fans out: the first of each channel, and the oldest of those that name their users.
     *
     * @param begun also those that have reached somebody
     */
    Future<DueCommands.Claimed> claim(int most, boolean begun) {
        return due.claim(most, begun);
    }

    /** Notes that the page was reached, renews the lease and reads the next page; empty if another walk has got further. */
    Future<Optional<Claim>> advance(Claim claim) {
        long now = System.nanoTime();
        return note(claim, lessee.leasing(claim.epoch())).map(rows -> {
            for (Row row : rows) {
                return Optional.of(claim.at(page(row), now));
            }
            return Optional.empty();
        });
    }

    /** Notes that the page was reached, and leaves the rest to whoever claims the command next. */
    Future<Optional<Claim>> pause(Claim claim) {
        return note(claim, Tuple.of(lessee.incarnation(), 0L, 0, claim.epoch())).map(Optional.empty());
    }

    private Future<RowSet<Row>> note(Claim claim, Tuple leasing) {
        return pg.preparedQuery(ADVANCE)
                .execute(leasing.addLong(claim.id())
                        .addString(lastOf(claim))
                        .addInteger(claim.page().size()));
    }

    /** True if the claim's page is the command's last. */
    boolean isLast(Claim claim) {
        return claim.page().size() < lessee.pageSize();
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
        Tuple values = Columns.behind(lessee.leasing(known), current)
                .longs(Claim::id)
                .texts(PendingCommands::lastOf)
                .integers(claim -> claim.page().size())
                .tuple()
                .addBoolean(follow);
        return pg.preparedQuery(FINISH).execute(values).map(rows -> {
            Map<Long, Claim> next = new HashMap<>();
            rows.forEach(
                    row -> next.compute(row.getLong("before"), (before, behind) -> claimOf(row, known, now, behind)));
            return next;
        });
    }

    /** Gives up every lease of this node. */
    public Future<Void> release() {
        return pg.preparedQuery(RELEASE).execute(Tuple.of(lessee.incarnation())).mapEmpty();
    }

    private static String lastOf(Claim claim) {
        return claim.page().isEmpty() ? "" : claim.page().getLast();
    }
}
