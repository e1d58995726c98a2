package dev.herald.webhook.dispatch;

import dev.herald.eventlog.LoggedEvent;
import dev.herald.eventlog.Position;
import dev.herald.postgres.Rows;
import dev.herald.webhook.lane.Batch;
import dev.herald.webhook.lane.LaneKey;
import dev.herald.webhook.lane.LaneRun.Cut;
import dev.herald.webhook.lane.Leases;
import dev.herald.webhook.lane.Leases.Lease;
import dev.herald.webhook.lane.Owner;
import dev.herald.webhook.lane.Settlements;
import dev.herald.webhook.lane.Settlements.Settlement;
import dev.herald.webhook.post.Delivery;
import dev.herald.webhook.post.Outcome;
import dev.herald.webhook.post.Outcome.Kind;
import dev.herald.webhook.retry.RetrySchedule;
import dev.herald.webhook.retry.Verdict;
import dev.herald.webhook.retry.Verdict.Delivered;
import dev.herald.webhook.retry.Verdict.GiveUp;
import dev.herald.webhook.retry.Verdict.Pause;
import dev.herald.webhook.retry.Verdict.Retry;
import dev.herald.webhook.retry.Verdict.Split;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Sends dead letters again for which that was asked: one request at a time, oldest first, beside the lanes. What fails
 * again is soon back among the dead letters.
 */
public final class Replays {
    private static final int MOST_ATTEMPTS = 3;

    private static final String CLAIM = """
            with due as (
                select * from webhook_lane
                where endpoint = $1 and lane = 64 and key = '' and next_at <= now()
                    and (lease_until is null or lease_until <= now())
                for update skip locked),
            ready as (
                select d.* from due l, dead_letter d
                where d.endpoint = $1 and d.replay_at is not null
                    and (l.batch_txid is null or (d.txid, d.event_id) <= (l.batch_txid, l.batch_id))
                order by d.txid, d.event_id limit $4),
            claimed as (
                update webhook_lane l
                set lease_owner = $2, lease_until = now() + $3::int * interval '1 ms',
                    batch_txid = last.txid, batch_id = last.event_id
                from due left join (select txid, event_id from ready order by txid desc, event_id desc limit 1) last on true
                where l.endpoint = $1 and l.lane = 64 and l.key = ''
                    and (last.txid is not null or due.batch_txid is not null))
            select due.read_txid, due.read_id, due.attempts as tries, due.batch_txid is not null as begun,
                r.txid, r.event_id as id, r.type, r.key, r.data, r.created_at
            from due left join ready r on true
            order by r.txid, r.event_id""";

    private static final String DELIVERED =
            "delete from dead_letter where endpoint = $1 and event_id = any ($2::bigint[])";

    private static final String FAILED = """
            update dead_letter set replay_at = null, attempts = attempts + $3, status = $4
            where endpoint = $1 and event_id = any ($2::bigint[])""";

    private final Owner owner;
    private final Leases leases;
    private final Settlements settlements;

    public Replays(Owner owner, Leases leases, Settlements settlements) {
        this.owner = owner;
        this.leases = leases;
        this.settlements = settlements;
    }

    private record Claim(Position cursor, Optional<Batch> batch) {}

    /** Goes on while there are letters and the endpoint takes them, but not for long: live events have their turn, too. */
    Future<Void> run(LaneKey lane, Destination to) {
        return run(lane, to, System.nanoTime());
    }

    private Future<Void> run(LaneKey lane, Destination to, long begun) {
        long asked = System.nanoTime();
        return claim(lane, to).compose(claim -> {
            if (claim.isEmpty()) {
                return Future.succeededFuture();
            }
            Position cursor = claim.get().cursor();
            if (claim.get().batch().isEmpty()) {
                return settle(lane, cursor, null, 0, Duration.ZERO).mapEmpty();
            }
            Leases.Lease held = leases.take(lane, asked);
            return send(claim.get().batch().get(), cursor, to, held)
                    .onComplete(done -> leases.drop(lane, held))
                    .compose(delivered -> delivered && System.nanoTime() - begun < LaneWork.TURN_NANOS
                            ? run(lane, to, begun)
                            : Future.succeededFuture());
        });
    }

    private Future<Optional<Claim>> claim(LaneKey lane, Destination to) {
        Cut cut = to.cut();
        return owner.run(CLAIM, Tuple.of(to.endpoint().id(), owner.id(), owner.leaseMillis(), cut.size()))
                .map(rows -> {
                    List<Row> all = Rows.list(rows, row -> row);
                    if (all.isEmpty()
                            || (all.getFirst().getValue("id") == null
                                    && !all.getFirst().getBoolean("begun"))) {
                        return Optional.<Claim>empty();
                    }
                    Row first = all.getFirst();
                    Position cursor = new Position(first.getLong("read_txid"), first.getLong("read_id"));
                    List<LoggedEvent> events = all.stream()
                            .filter(row -> row.getValue("id") != null)
                            .map(LoggedEvent::of)
                            .toList();
                    List<LoggedEvent> one = events.subList(0, cut.of(events));
                    return Optional.of(new Claim(
                            cursor,
                            one.isEmpty()
                                    ? Optional.empty()
                                    : Optional.of(new Batch(lane, cursor, first.getInteger("tries"), one))));
                });
    }

    /** True if it was delivered. */
    private Future<Boolean> send(Batch batch, Position cursor, Destination to, Lease lease) {
        return to.attempt(batch, lease).compose(attempted -> {
            Delivery delivery = attempted.delivery();
            Verdict verdict = judge(delivery, to.node().schedule(), to.node().random());
            to.record(delivery, verdict);
            return apply(verdict, delivery, cursor, to)
                    .compose(v -> attempted.back()
                            ? to.node().lanes().wakeFailing(to.endpoint().id())
                            : Future.succeededFuture())
                    .map(delivery.outcome().delivered());
        });
    }

    private static Verdict judge(Delivery delivery, RetrySchedule schedule, RandomGenerator random) {
        Outcome outcome = delivery.outcome();
        int attempts = delivery.batch().attempts() + 1;
        if (outcome.delivered()) {
            return new Delivered();
        }
        Duration delay = schedule.delayAfter(attempts, outcome.retryAfter(), random);
        if (outcome.kind() == Kind.GONE) {
            return new Pause(delay);
        }
        boolean last = outcome.kind() == Kind.REFUSED || attempts >= MOST_ATTEMPTS;
        if (!last) {
            return new Retry(delay);
        }
        return delivery.batch().size() > 1 ? new Split(delivery.batch().size() / 2, delay) : new GiveUp();
    }

    private Future<?> apply(Verdict verdict, Delivery delivery, Position cursor, Destination to) {
        Batch batch = delivery.batch();
        LaneKey lane = batch.lane();
        return switch (verdict) {
            case Retry retry -> settle(lane, cursor, batch.end(), batch.attempts() + 1, retry.delay());
            case Split split ->
                settle(lane, cursor, batch.events().get(split.first() - 1).at(), 0, split.delay());
            case Pause pause ->
                settle(lane, cursor, null, 0, pause.delay())
                        .compose(v -> to.node().health().pause(to.endpoint(), delivery.outcome()));
            default -> bury(delivery).compose(v -> settle(lane, cursor, null, 0, Duration.ZERO));
        };
    }

    /** Takes what was delivered off the dead letters; the others stay there and are not asked for any more. */
    private Future<?> bury(Delivery delivery) {
        Outcome outcome = delivery.outcome();
        String endpoint = delivery.batch().lane().endpoint();
        List<LoggedEvent> unreadable = delivery.unreadable();
        List<LoggedEvent> readable = delivery.batch().events().stream()
                .filter(event -> !unreadable.contains(event))
                .toList();
        Future<?> sent = outcome.delivered()
                ? owner.run(DELIVERED, Tuple.of(endpoint).addArrayOfLong(numbers(readable)))
                : fail(endpoint, readable, outcome.status(), delivery.batch().attempts() + 1);
        return sent.compose(
                v -> unreadable.isEmpty() ? Future.succeededFuture() : fail(endpoint, unreadable, "unreadable", 0));
    }

    private Future<?> fail(String endpoint, List<LoggedEvent> events, String status, int attempts) {
        return owner.run(FAILED, Tuple.of(endpoint, numbers(events), attempts, status));
    }

    private Future<Boolean> settle(
            LaneKey lane, Position cursor, @Nullable Position batchEnd, int attempts, Duration delay) {
        return settlements.settle(new Settlement(lane, cursor, cursor, batchEnd, attempts, delay, false));
    }

    private static Long[] numbers(List<LoggedEvent> events) {
        return events.stream().map(event -> event.at().id()).toArray(Long[]::new);
    }
}
