package dev.herald.webhook.lane;

import dev.herald.eventlog.LoggedEvent;
import dev.herald.eventlog.Position;
import dev.herald.postgres.Columns;
import dev.herald.postgres.Rows;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes down what became of lanes: while one statement is under way, what comes in gathers for the next one. Used on one
 * context.
 */
public final class Settlements {
    private static final int MOST = 256;

    private static final String SETTLE = """
            update webhook_lane l
            set read_txid = s.read_txid, read_id = s.read_id, batch_txid = s.batch_txid, batch_id = s.batch_id,
                attempts = s.attempts, next_at = now() + s.delay_ms * interval '1 ms',
                failing_since = case when s.attempts > 0 then coalesce(l.failing_since, now()) end,
                lease_owner = case when s.keep then l.lease_owner end,
                lease_until = case when s.keep then l.lease_until end
            from unnest($2::text[], $3::int[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
                    $9::bigint[], $10::bigint[], $11::int[], $12::bigint[], $13::bool[])
                s(endpoint, lane, key, after_txid, after_id, read_txid, read_id, batch_txid, batch_id, attempts, delay_ms,
                    keep)
            where l.endpoint = s.endpoint and l.lane = s.lane and l.key = s.key
                and l.lease_owner = $1 and (l.read_txid, l.read_id) = (s.after_txid, s.after_id)
            returning l.endpoint, l.lane, l.key""";

    /** The same for one lane, which loses some events to the dead letters. */
    private static final String BURY = """
            with settled as (%s),
            named as (select * from unnest($14::bigint[], $15::bigint[]) n(txid, id))
            insert into dead_letter (endpoint, event_id, txid, lane, type, key, data, created_at, reason, status, attempts)
            select s.endpoint, e.id, e.txid, e.lane, e.type, e.key, e.data, e.created_at, $16::text, $17::text, $18::int
            from settled s, named n join event e on e.txid = n.txid and e.id = n.id
            on conflict (endpoint, event_id) do update
                set reason = excluded.reason, status = excluded.status, attempts = excluded.attempts, died_at = now()
            returning 1""".formatted(SETTLE);

    /** The same for one lane, whose first event goes its own way from now on, with all that its key has behind it. */
    private static final String PARK = """
            with settled as (%s)
            insert into webhook_lane (endpoint, lane, key, read_txid, read_id, batch_txid, batch_id, attempts, next_at,
                failing_since)
            select s.endpoint, s.lane, $14::text, $5[1], $6[1], $7[1], $8[1], $15::int, now() + $16::bigint * interval '1 ms',
                now() - $17::bigint * interval '1 ms'
            from settled s
            on conflict do nothing
            returning 1""".formatted(SETTLE);

    private final Owner owner;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private boolean writing;

    public Settlements(Owner owner) {
        this.owner = owner;
    }

    private record Waiting(Settlement settlement, Promise<Boolean> ours) {}

    /**
     * What becomes of a lane.
     *
     * @param after the cursor so far: if it is another one, the lane is not ours any more
     * @param read the cursor from now on
     * @param batchEnd of the batch that comes next, null to leave that to the next claim
     * @param attempts of that batch, failed so far
     * @param keep true if the lease goes on
     */
    public record Settlement(
            LaneKey lane,
            Position after,
            Position read,
            @Nullable Position batchEnd,
            int attempts,
            Duration delay,
            boolean keep) {}

    /** False if the lane is not ours any more. */
    public Future<Boolean> settle(Settlement settlement) {
        Promise<Boolean> ours = Promise.promise();
        waiting.add(new Waiting(settlement, ours));
        if (!writing) {
            write();
        }
        return ours.future();
    }

    /** @param attempts of the request that was the last for these events */
    public Future<Boolean> bury(
            Settlement settlement, List<LoggedEvent> events, String reason, String status, int attempts) {
        Tuple arguments = Columns.behind(arguments(List.of(settlement)), events)
                .longs(event -> event.at().txid())
                .longs(event -> event.at().id())
                .tuple()
                .addString(reason)
                .addString(status)
                .addInteger(attempts);
        return owner.run(BURY, arguments).map(rows -> rows.size() > 0);
    }

    /** @param delay until the key is tried again, which has failed for {@code failingFor} */
    public Future<Boolean> park(Settlement settlement, String key, int attempts, Duration delay, Duration failingFor) {
        Tuple arguments = arguments(List.of(settlement))
                .addString(key)
                .addInteger(attempts)
                .addLong(delay.toMillis())
                .addLong(failingFor.toMillis());
        return owner.run(PARK, arguments).map(rows -> rows.size() > 0);
    }

    private void write() {
        List<Waiting> group = new ArrayList<>();
        while (!waiting.isEmpty() && group.size() < MOST) {
            group.add(waiting.remove());
        }
        writing = true;
        owner.run(SETTLE, arguments(inOrder(group))).onComplete(done -> {
            writing = false;
            if (!waiting.isEmpty()) {
                write();
            }
            if (done.succeeded()) {
                Set<LaneKey> ours = Set.copyOf(Rows.list(done.result(), LaneKey::of));
                group.forEach(each ->
                        each.ours().complete(ours.contains(each.settlement().lane())));
            } else {
                group.forEach(each -> each.ours().fail(done.cause()));
            }
        });
    }

    private static List<Settlement> inOrder(List<Waiting> group) {
        return group.stream()
                .map(Waiting::settlement)
                .sorted(Comparator.comparing(Settlement::lane, LaneKey.ORDER))
                .toList();
    }

    private Tuple arguments(List<Settlement> group) {
        return Columns.behind(Tuple.of(owner.id()), group)
                .texts(it -> it.lane().endpoint())
                .integers(it -> it.lane().lane())
                .texts(it -> it.lane().key())
                .longs(it -> it.after().txid())
                .longs(it -> it.after().id())
                .longs(it -> it.read().txid())
                .longs(it -> it.read().id())
                .longs(it -> it.batchEnd() == null ? null : it.batchEnd().txid())
                .longs(it -> it.batchEnd() == null ? null : it.batchEnd().id())
                .integers(Settlement::attempts)
                .longs(it -> it.delay().toMillis())
                .booleans(Settlement::keep)
                .tuple();
    }
}
