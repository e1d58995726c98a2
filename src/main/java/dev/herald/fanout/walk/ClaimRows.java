package dev.herald.fanout.walk;

import dev.herald.command.CommandLog;
import dev.herald.command.CommandRows;
import dev.herald.fanout.inbox.CoalesceKey;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Claims as they stand in the table {@code cmd}: the parts of the statements that make, renew and end them. The first four
 * arguments of each are the same: who claims, for how many milliseconds, the size of a page, the epoch of Redis.
 */
final class ClaimRows {
    /** The addressed users of row {@code c} behind the last that was reached; a node of before may have left uids unsorted. */
    static final String PAGE = """
            case when c.uids is null then array(
                select distinct m.uid from member m
                where m.channel = c.channel and m.uid > c.reached and %s
                order by m.uid limit $3)
            when c.in_order then c.uids[c.written + 1 : c.written + $3::integer]
            else array(
                select distinct u collate "C" as uid from unnest(c.uids) u
                where u collate "C" > c.reached order by uid limit $3)
            end as page""".formatted(CommandLog.ADDRESSES);

    static final String LEASE = "lease_owner = $1, lease_until = now() + $2::bigint * interval '1 millisecond'";

    /** What was reached in an earlier epoch may be lost with the Redis of that, and its leases are over. */
    static final String BEGIN = LEASE + """
            , epoch = $4, reached = case c.epoch when $4 then c.reached else '' end,
            written = case c.epoch when $4 then c.written else 0 end""";

    static final String FREE = "(c.epoch < $4 or c.lease_until is null or c.lease_until < now())";

    /** Of a row found by its id: put so that the planner cannot go through a partial index of pending rows instead. */
    static final String PENDING = "coalesce(c.done_at, 'infinity') = 'infinity'";

    /** Who still writes to a Redis in whose place another was put must not take that for done. */
    static final String EPOCH = "$4 = (select number from redis_epoch)";

    static final String UNSYNCED = "set_config('synchronous_commit', 'off', true) = 'off'";

    /** Milliseconds since the commit, about. */
    static final String AGE = "(extract(epoch from clock_timestamp() - c.created_at) * 1000)::bigint";

    static final String COLUMNS = CommandRows.COLUMNS + ", c.channel, c.coalesce_key, " + AGE + " as age";

    private ClaimRows() {}

    /** Who claims, with what every statement on claims begins. */
    record Lessee(long incarnation, Duration lease, int pageSize) {
        Tuple leasing(long epoch) {
            return Tuple.of(incarnation, lease.toMillis(), pageSize, epoch);
        }
    }

    static Claim claimOf(Row row, long epoch, long leasedAt, @Nullable Claim next) {
        return new Claim(
                CommandRows.command(row),
                CoalesceKey.brief(row.getString("coalesce_key")),
                epoch,
                leasedAt - Duration.ofMillis(row.getLong("age")).toNanos(),
                page(row),
                leasedAt,
                next);
    }

    static List<String> page(Row row) {
        return List.of(row.getArrayOfStrings("page"));
    }
}
