package dev.herald.webhook;

import dev.herald.config.HeraldConfig;
import dev.herald.lifecycle.Backoff;
import dev.herald.lifecycle.InFlight;
import dev.herald.lifecycle.Periodic;
import dev.herald.webhook.Leases.Lease;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Claims lanes with work, sends a batch of each, and writes down what became of it. */
final class Dispatcher {
    private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);

    /** Between being told of an event and looking for it: what comes in meanwhile shares its request. */
    private static final Duration LINGER = Duration.ofMillis(10);

    /** Waits while an older transaction keeps events back. */
    private static final Duration FIRST_RECHECK = Duration.ofMillis(50);

    private static final Duration LAST_RECHECK = Duration.ofMillis(200);

    /** How long a stop waits for answers; what is cut off then is sent again by whoever is next. */
    private static final long DRAIN_SECONDS = 3;

    private final Lanes lanes;
    private final Leases leases;
    private final Bodies bodies;
    private final Sender sender;
    private final RetrySchedule schedule;
    private final int batchSize;
    private final Gate gate;
    private final InFlight inFlight;
    private final Random random = new Random();
    private final Backoff recheck = new Backoff(FIRST_RECHECK, LAST_RECHECK, random);
    private final Periodic sweep;
    private final Periodic renewal;
    private final Alarm alarm;

    /** Begins at once, on the calling context. */
    Dispatcher(
            Vertx vertx,
            HeraldConfig.Webhook config,
            Lanes lanes,
            Leases leases,
            Bodies bodies,
            Sender sender,
            RetrySchedule schedule) {
        this.lanes = lanes;
        this.leases = leases;
        this.bodies = bodies;
        this.sender = sender;
        this.schedule = schedule;
        this.batchSize = config.batchSize();
        this.gate = new Gate(config.concurrency(), schedule.firstStep());
        this.inFlight = new InFlight(config.concurrency());
        this.sweep = Periodic.start(vertx, "webhook", config.sweepInterval(), this::sweep);
        this.renewal = Periodic.start(vertx, "webhook-lease", leases.renewalInterval(), leases::renew);
        this.alarm = new Alarm(vertx, sweep::nudge);
        nudge();
    }

    /** There may be work. */
    void nudge() {
        alarm.ringIn(LINGER);
    }

    /** Starts no more requests, lets those under way end for a while, and gives all lanes back. */
    Future<Void> stop() {
        alarm.cancel();
        return sweep.stop()
                .compose(v -> inFlight.drain().timeout(DRAIN_SECONDS, TimeUnit.SECONDS))
                .recover(late -> {
                    leases.loseAll();
                    return inFlight.drain();
                })
                .eventually(renewal::stop)
                .eventually(lanes::releaseAll)
                .eventually(sender::close);
    }

    /** Starts as many requests as there is room for; does not wait for their end. */
    private Future<?> sweep() {
        long now = System.nanoTime();
        int room = gate.room(inFlight.count(), now);
        if (room == 0) {
            return Future.succeededFuture();
        }
        return lanes.claim(room, batchSize).onSuccess(claim -> {
            claim.batches().forEach(batch -> begin(batch, now));
            if (claim.held()) {
                alarm.ringIn(recheck.next());
            } else {
                recheck.reset();
            }
        });
    }

    private void begin(Batch batch, long claimedNanos) {
        Lease lease = leases.take(batch.lane(), claimedNanos);
        inFlight.run(() -> deliver(batch, lease))
                .onFailure(cause -> log.warn("webhook lane={} is left to its lease", batch.lane(), cause))
                .onComplete(done -> {
                    leases.drop(batch.lane(), lease);
                    nudge();
                });
    }

    private Future<Void> deliver(Batch batch, Lease lease) {
        return bodies.of(batch)
                .compose(body -> body.isEmpty()
                        ? advance(batch)
                        : sender.post(batch.id(), batch.type(), body.get(), lease.lost())
                                .compose(outcome -> settle(batch, outcome)));
    }

    private Future<Void> settle(Batch batch, Outcome outcome) {
        if (!outcome.delivered()) {
            return postpone(batch, outcome);
        }
        if (batch.attempts() > 0) {
            log.info("webhook lane={} recovered attempts={}", batch.lane(), batch.attempts());
        }
        Future<Void> advanced = advance(batch);
        return gate.succeeded() ? advanced.compose(v -> lanes.wakeFailing()) : advanced;
    }

    private Future<Void> advance(Batch batch) {
        return lanes.advance(batch).map(ours -> noteLoss(batch, ours));
    }

    private Future<Void> postpone(Batch batch, Outcome outcome) {
        int attempt = batch.attempts() + 1;
        Duration next = schedule.delayAfter(attempt, outcome.retryAfter(), random);
        gate.failed(System.nanoTime());
        log.warn("webhook lane={} status={} attempt={} next={}", batch.lane(), outcome.status(), attempt, next);
        return lanes.postpone(batch, next).map(ours -> noteLoss(batch, ours));
    }

    private static Void noteLoss(Batch batch, boolean ours) {
        if (!ours) {
            log.warn("webhook lane={} went to another node meanwhile, which sends its batch again", batch.lane());
        }
        return null;
    }
}
