package dev.herald.webhook.dispatch;

import dev.herald.endpoint.Endpoint;
import dev.herald.eventlog.EventLog;
import dev.herald.lifecycle.InFlight;
import dev.herald.webhook.lane.Claim;
import dev.herald.webhook.lane.LaneKey;
import dev.herald.webhook.lane.LaneRun;
import dev.herald.webhook.lane.Leases.Lease;
import dev.herald.webhook.post.Post;
import dev.herald.webhook.retry.Pace;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers to one endpoint: looks at lanes that may have something, claims those that have, as many as the endpoint can
 * take, and lets them run. What fails here holds up no other endpoint.
 */
public final class Dispatcher {
    private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);

    /** Lanes asked for in one claim. */
    private static final int MOST_WANTED = 2 * EventLog.LANES;

    private static final int LEAST_READ_AHEAD = 200;
    private static final Duration AFTER_ERROR = Duration.ofSeconds(1);

    /** Another claim is just looking at it. */
    private static final Duration AFTER_COLLISION = Duration.ofMillis(20);

    /** A lane that waits for longer may be made due meanwhile, by whoever finds that the clock was set back. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

    /** How long a stop waits for answers; what is cut off then is sent again by whoever is next. */
    private static final long DRAIN_SECONDS = 3;

    private final Node node;
    private final Endpoint endpoint;
    private final Destination to;
    private final Pace pace;
    private final LaneWork work;
    private final Agenda agenda = new Agenda();
    private final InFlight inFlight;
    private final Alarm alarm;
    private boolean claiming;
    private boolean replaying;
    private boolean stopped;

    Dispatcher(Node node, Endpoint endpoint, Post post) {
        this.node = node;
        this.endpoint = endpoint;
        int concurrency = endpoint.settings().concurrency();
        this.pace = new Pace(concurrency, node.schedule().steps().getFirst(), node.random());
        this.inFlight = new InFlight(concurrency);
        this.to = new Destination(node, endpoint, post, pace);
        this.work = new LaneWork(to, this::look, this::mayGoOn);
        this.alarm = new Alarm(node.vertx(), this::claim);
    }

    Endpoint endpoint() {
        return endpoint;
    }

    Pace pace() {
        return pace;
    }

    /** There may be something to send. */
    void look(LaneKey lane, Duration delay) {
        if (lane.lane() == LaneKey.REPLAY) {
            replay(lane);
            return;
        }
        agenda.wish(lane, delay, System.nanoTime());
        ring();
    }

    void lookAtAll() {
        for (int lane = 0; lane < EventLog.LANES; lane++) {
            look(LaneKey.of(endpoint.id(), lane), Duration.ZERO);
        }
    }

    /** Starts no more requests, lets those under way end for a while; the lanes are for the caller to release. */
    Future<Void> stop() {
        stopped = true;
        alarm.cancel();
        return inFlight.drain()
                .timeout(DRAIN_SECONDS, TimeUnit.SECONDS)
                .recover(late -> {
                    node.leases().lose(endpoint.id());
                    return inFlight.drain();
                })
                .eventually(to.post()::close);
    }

    private void ring() {
        long now = System.nanoTime();
        if (stopped || claiming) {
            return;
        }
        agenda.next(now).ifPresent(due -> {
            Duration opens = pace.opensIn(now);
            alarm.ringIn(due.compareTo(opens) > 0 ? due : opens);
        });
    }

    private void claim() {
        long now = System.nanoTime();
        int room = pace.room(inFlight.count(), now);
        if (stopped || claiming) {
            return;
        }
        List<LaneKey> wanted = room == 0 ? List.of() : agenda.take(MOST_WANTED, now);
        if (wanted.isEmpty()) {
            waitForRoom(room, now);
            return;
        }
        claiming = true;
        node.lanes().claim(work.request(wanted, room, LEAST_READ_AHEAD)).onComplete(done -> {
            claiming = false;
            if (done.succeeded()) {
                take(done.result(), room, now);
            } else {
                log.warn("webhook endpoint={} claims nothing: {}", endpoint.id(), String.valueOf(done.cause()));
                wanted.forEach(lane -> agenda.wish(lane, AFTER_ERROR, System.nanoTime()));
            }
            ring();
        });
    }

    /** Without room the end of a request rings, unless the endpoint is being spared. */
    private void waitForRoom(int room, long now) {
        if (room > 0 || !pace.opensIn(now).isZero()) {
            ring();
        }
    }

    private void take(Claim claim, int room, long asked) {
        Duration least = claim.runs().size() < room ? AFTER_COLLISION : Duration.ZERO;
        claim.waiting().forEach((lane, wait) -> {
            Duration most = wait.compareTo(LOOK_AGAIN) < 0 ? wait : LOOK_AGAIN;
            agenda.wish(lane, most.compareTo(least) > 0 ? most : least, System.nanoTime());
        });
        claim.empty().forEach(work::empty);
        claim.runs().forEach(run -> begin(run, asked));
    }

    private void begin(LaneRun run, long asked) {
        Lease lease = node.leases().take(run.lane(), asked);
        agenda.begin(run.lane());
        inFlight.run(() -> work.run(run, lease))
                .onFailure(cause -> {
                    log.warn("webhook {} is left to its lease: {}", run.lane(), String.valueOf(cause));
                    look(run.lane(), AFTER_ERROR);
                })
                .onComplete(done -> {
                    node.leases().drop(run.lane(), lease);
                    agenda.end(run.lane());
                    alarm.ringIn(Duration.ZERO);
                });
    }

    /** The sweep tells of it again while there is something left. */
    private void replay(LaneKey lane) {
        if (replaying || claiming || stopped || pace.room(inFlight.count(), System.nanoTime()) == 0) {
            return;
        }
        replaying = true;
        inFlight.run(() -> node.replays().run(lane, to))
                .onFailure(cause -> log.warn("webhook endpoint={} replay: {}", endpoint.id(), String.valueOf(cause)))
                .onComplete(done -> {
                    replaying = false;
                    alarm.ringIn(Duration.ZERO);
                });
    }

    private boolean mayGoOn() {
        return !stopped && pace.room(inFlight.count() - 1, System.nanoTime()) > 0;
    }
}
