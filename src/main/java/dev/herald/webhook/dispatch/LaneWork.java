package dev.herald.webhook.dispatch;

import dev.herald.eventlog.LoggedEvent;
import dev.herald.eventlog.Position;
import dev.herald.webhook.lane.Batch;
import dev.herald.webhook.lane.LaneKey;
import dev.herald.webhook.lane.LaneRun;
import dev.herald.webhook.lane.LaneRun.Cut;
import dev.herald.webhook.lane.Lanes;
import dev.herald.webhook.lane.Leases.Lease;
import dev.herald.webhook.lane.Settlements;
import dev.herald.webhook.lane.Settlements.Settlement;
import dev.herald.webhook.post.Delivery;
import dev.herald.webhook.retry.Verdict;
import dev.herald.webhook.retry.Verdict.Delivered;
import dev.herald.webhook.retry.Verdict.GiveUp;
import dev.herald.webhook.retry.Verdict.Park;
import dev.herald.webhook.retry.Verdict.Pause;
import dev.herald.webhook.retry.Verdict.Retry;
import dev.herald.webhook.retry.Verdict.Split;
import dev.herald.webhook.retry.Verdict.Standing;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What happens to a claimed lane of one endpoint: batch after batch, each written down before the next one goes out. */
final class LaneWork {
    private static final Logger log = LoggerFactory.getLogger(LaneWork.class);

    /** A lane is given back after so long, so that the others have their turn. */
    static final long TURN_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How often a key that has caught up tries to get back, and how long its lane is left alone for that. */
    private static final Duration REJOIN = Duration.ofMillis(250);

    private final Destination to;
    private final Cut cut;
    private final BiConsumer<LaneKey, Duration> look;
    private final BooleanSupplier mayGoOn;
    private final Set<LaneKey> awaited = new HashSet<>();

    /**
     * @param look is told when to look at which lane again
     * @param mayGoOn false if the request under way is to be the lane's last for now
     */
    LaneWork(Destination to, BiConsumer<LaneKey, Duration> look, BooleanSupplier mayGoOn) {
        this.to = to;
        this.cut = to.cut();
        this.look = look;
        this.mayGoOn = mayGoOn;
    }

    Lanes.Request request(List<LaneKey> wanted, int room, int leastReadAhead) {
        return new Lanes.Request(
                id(),
                wanted,
                room,
                Math.max(leastReadAhead, cut.size()),
                to.endpoint().settings().types(),
                cut);
    }

    Future<Void> run(LaneRun run, Lease lease) {
        return next(run, lease, System.nanoTime());
    }

    /** A due lane that has nothing. */
    void empty(LaneKey lane) {
        if (lane.isSide()) {
            rejoin(lane).onFailure(cause -> log.warn("webhook {} does not rejoin: {}", lane, String.valueOf(cause)));
        }
    }

    private Future<Void> next(LaneRun run, Lease lease, long begun) {
        Optional<Batch> batch = run.batch();
        if (batch.isEmpty()) {
            look.accept(run.lane(), Duration.ZERO);
            return settle(new Settlement(run.lane(), run.after(), run.after(), null, 0, Duration.ZERO, false))
                    .mapEmpty();
        }
        return to.attempt(batch.get(), lease).compose(attempted -> judge(run, attempted.delivery(), lease, begun)
                .compose(v -> attempted.back() ? wakeFailing() : done()));
    }

    private Future<Void> judge(LaneRun run, Delivery delivery, Lease lease, long begun) {
        Batch batch = delivery.batch();
        int attempts = batch.attempts() + 1;
        boolean failedBefore = batch.attempts() > 0;
        Duration failingFor =
                failedBefore ? Duration.ofNanos(System.nanoTime() - run.failingSinceNanos()) : Duration.ZERO;
        Standing standing = new Standing(
                batch.size(),
                attempts,
                failingFor,
                failedBefore && to.pace().deliveredSince(run.failingSinceNanos()),
                !batch.lane().isSide() && run.mayPark());
        Verdict verdict = Verdict.of(
                delivery.outcome(), standing, to.node().schedule(), to.node().random());
        to.record(delivery, verdict);
        return switch (verdict) {
            case Delivered delivered -> advance(run, delivery, lease, begun);
            case Retry retry -> postpone(run, batch.end(), attempts, retry.delay());
            case Split split ->
                postpone(run, batch.events().get(split.first() - 1).at(), 0, split.delay());
            case Park park -> park(run, batch, attempts, park.delay(), failingFor);
            case GiveUp giveUp -> giveUp(run, delivery, attempts);
            case Pause pause ->
                postpone(run, batch.end(), batch.attempts(), pause.delay())
                        .compose(v -> to.node().health().pause(to.endpoint(), delivery.outcome()));
        };
    }

    private Future<Void> advance(LaneRun run, Delivery delivery, Lease lease, long begun) {
        Position end = delivery.batch().end();
        LaneRun rest = run.behind(delivery.batch().size(), cut);
        boolean goesOn = rest.batch().isPresent()
                && System.nanoTime() - begun < TURN_NANOS
                && lease.stands()
                && mayGoOn.getAsBoolean();
        if (!goesOn) {
            return release(run, rest, delivery, end);
        }
        Position nextEnd = rest.batch().orElseThrow().end();
        return settle(new Settlement(run.lane(), run.after(), end, nextEnd, 0, Duration.ZERO, true), delivery)
                .compose(ours -> ours ? next(rest, lease, begun) : done());
    }

    /** The lane is due again at once if there is more; if not, what comes gathers for the batch's delay. */
    private Future<Void> release(LaneRun run, LaneRun rest, Delivery delivery, Position end) {
        boolean more = rest.full() || rest.batch().isPresent();
        Duration least = awaited.remove(run.lane()) ? REJOIN : Duration.ZERO;
        Duration delay = more ? least : to.gathering().plus(least);
        if (more) {
            look.accept(run.lane(), delay);
        }
        return settle(new Settlement(run.lane(), run.after(), end, null, 0, delay, false), delivery)
                .compose(ours -> run.lane().isSide() ? rejoin(run.lane()) : done());
    }

    private Future<Void> postpone(LaneRun run, Position batchEnd, int attempts, Duration delay) {
        look.accept(run.lane(), delay);
        return settle(new Settlement(run.lane(), run.after(), run.after(), batchEnd, attempts, delay, false))
                .mapEmpty();
    }

    private Future<Void> park(LaneRun run, Batch batch, int attempts, Duration delay, Duration failingFor) {
        String key = batch.events().getFirst().key();
        LaneKey side = new LaneKey(id(), run.lane().lane(), key);
        log.warn("webhook {} goes its own way: {} fails", side, batch.id());
        look.accept(side, delay);
        look.accept(run.lane(), Duration.ZERO);
        return settlements()
                .park(passed(run, batch), key, attempts, delay, failingFor)
                .mapEmpty();
    }

    private Future<Void> giveUp(LaneRun run, Delivery delivery, int attempts) {
        Batch batch = delivery.batch();
        log.error("webhook {} events={} become dead letters", run.lane(), batch.size());
        to.node().meters().buried(id(), batch.size());
        look.accept(run.lane(), Duration.ZERO);
        return settlements()
                .bury(
                        passed(run, batch),
                        batch.events(),
                        "refused",
                        delivery.outcome().status(),
                        attempts)
                .mapEmpty();
    }

    private static Settlement passed(LaneRun run, Batch batch) {
        return new Settlement(run.lane(), run.after(), batch.end(), null, 0, Duration.ZERO, false);
    }

    private Future<Boolean> settle(Settlement settlement, Delivery delivery) {
        List<LoggedEvent> unreadable = delivery.unreadable();
        if (unreadable.isEmpty()) {
            return settle(settlement);
        }
        to.node().meters().buried(id(), unreadable.size());
        return settlements().bury(settlement, unreadable, "unreadable", "", 0);
    }

    private Future<Boolean> settle(Settlement settlement) {
        return settlements().settle(settlement).onSuccess(ours -> {
            if (!ours) {
                log.warn("webhook {} went to another node, which sends its batch again", settlement.lane());
            }
        });
    }

    private Future<Void> rejoin(LaneKey side) {
        return to.node()
                .sideLanes()
                .rejoin(side, to.endpoint().settings().types())
                .map(joined -> {
                    if (joined) {
                        look.accept(side.main(), Duration.ZERO);
                    } else {
                        awaited.add(side.main());
                        look.accept(side, REJOIN);
                    }
                    return null;
                });
    }

    private Future<Void> wakeFailing() {
        return to.node().lanes().wakeFailing(id()).map(lanes -> {
            log.info("webhook endpoint={} takes events, lanes woken={}", id(), lanes.size());
            lanes.forEach(lane -> look.accept(lane, Duration.ZERO));
            return null;
        });
    }

    private String id() {
        return to.endpoint().id();
    }

    private Settlements settlements() {
        return to.node().settlements();
    }

    private static Future<Void> done() {
        return Future.succeededFuture();
    }
}
