package dev.herald.webhook;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.config.HeraldConfig;
import dev.herald.endpoint.Endpoints;
import dev.herald.lifecycle.Backoff;
import dev.herald.lifecycle.Periodic;
import dev.herald.postgres.PgClients;
import io.micrometer.core.instrument.Metrics;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Delivers the event log to every endpoint; idle, it asks the database a few times a second, however many there are. */
public final class WebhookVerticle extends VerticleBase {
    /** Between being told of an event and looking for it: what comes in meanwhile shares its request. */
    private static final Duration LINGER = Duration.ofMillis(10);

    /** Waits while an older transaction keeps events back. */
    private static final Duration FIRST_RECHECK = Duration.ofMillis(50);

    private static final Duration LAST_RECHECK = Duration.ofMillis(200);

    private static final Logger log = LoggerFactory.getLogger(WebhookVerticle.class);

    private final HeraldConfig config;
    private final Bus bus;
    private final PgClients pg;
    private final long incarnation;
    private final Tuning tuning;
    private final Random random = new Random();
    private final Backoff recheck = new Backoff(FIRST_RECHECK, LAST_RECHECK, random);
    private final List<Periodic> timers = new ArrayList<>();
    private final List<MessageConsumer<?>> consumers = new ArrayList<>();
    private @Nullable Parts parts;
    private @Nullable Periodic scouting;
    private @Nullable Periodic sweeping;
    private @Nullable Periodic renewal;

    private record Parts(Node node, Fleet fleet, Scout scout, Changes changes, Alarm alarm) {}

    public WebhookVerticle(HeraldConfig config, Bus bus, PgClients pg, long incarnation) {
        this(config, bus, pg, incarnation, Tuning.of(config));
    }

    WebhookVerticle(HeraldConfig config, Bus bus, PgClients pg, long incarnation, Tuning tuning) {
        this.config = config;
        this.bus = bus;
        this.pg = pg;
        this.incarnation = incarnation;
        this.tuning = tuning;
    }

    @Override
    public Future<?> start() {
        Endpoints endpoints = new Endpoints(pg);
        Configured configured = new Configured(config.webhook());
        Posts posts =
                new Posts(vertx, config, configured, pg, bus, tuning.names().apply(vertx));
        Parts made = assemble(endpoints, posts);
        parts = made;
        return configured
                .apply(endpoints)
                .compose(v -> endpoints.all())
                .compose(posts::unreadable)
                .onSuccess(WebhookVerticle::complain)
                .compose(v -> made.scout.look())
                .compose(v -> made.changes.apply())
                .compose(v -> {
                    work(made);
                    return listen(made, new TestShot(endpoints, posts));
                });
    }

    /** Starts no more requests, lets those under way end for a while, and gives all lanes back. */
    @Override
    public Future<?> stop() {
        Parts made = parts;
        if (made == null) {
            return Future.succeededFuture();
        }
        made.alarm.cancel();
        return Future.join(consumers.stream().map(MessageConsumer::unregister).toList())
                .eventually(
                        () -> Future.join(timers.stream().map(Periodic::stop).toList()))
                .eventually(made.fleet::stop)
                .eventually(() -> renewal == null ? Future.succeededFuture() : renewal.stop())
                .eventually(() -> made.node.lanes().releaseAll())
                .eventually(() -> made.node.attempts().flush());
    }

    private Parts assemble(Endpoints endpoints, Posts posts) {
        WebhookMeters meters = new WebhookMeters(Metrics.globalRegistry);
        Owner owner = new Owner(pg.statements(), incarnation, tuning.lease());
        Lanes lanes = new Lanes(owner);
        Leases leases = new Leases(lanes, tuning.lease());
        Settlements settlements = new Settlements(owner);
        Node node = new Node(
                vertx,
                lanes,
                leases,
                settlements,
                new SideLanes(owner, settlements),
                new Replays(owner, leases, settlements),
                new AttemptLog(vertx, pg.statements(), meters),
                new Health(pg, tuning.failingPatience(), this::changed),
                meters,
                tuning.schedule(),
                random);
        Fleet fleet = new Fleet(node, posts);
        Changes changes = new Changes(pg.statements(), endpoints, fleet, node);
        return new Parts(node, fleet, new Scout(pg.statements()), changes, new Alarm(vertx, this::scoutNow));
    }

    /** Their events wait until a node comes that can sign them; all else works. */
    private static void complain(List<String> unreadable) {
        if (!unreadable.isEmpty()) {
            log.error(
                    "webhook.key is not the one that the secrets of {} are sealed with: give this node the key of the"
                            + " others, or make new ones (POST /webhooks/ID/rotate) and set headers again",
                    String.join(", ", unreadable));
        }
    }

    private void work(Parts made) {
        Retention retention = new Retention(pg, tuning.ages(), made.node.meters());
        Lag lag = new Lag(pg, made.fleet::dispatchers, made.node.meters());
        Leases leases = made.node.leases();
        scouting = repeat("webhook scout", tuning.sweep(), () -> scout(made));
        sweeping = repeat("webhook lanes", tuning.sweep(), () -> sweep(made));
        repeat("webhook health", tuning.chores(), made.node.health()::tellFailing);
        repeat("webhook endpoints", tuning.chores(), made.changes::applyRest);
        repeat("webhook probes", tuning.chores(), made.node.lanes()::probe);
        repeat("webhook retention", tuning.chores(), retention::sweep);
        repeat("webhook lag", tuning.chores(), lag::measure);
        renewal = Periodic.start(vertx, "webhook leases", leases.renewalInterval(), leases::renew);
    }

    private Periodic repeat(String name, Duration interval, Supplier<Future<?>> task) {
        Periodic timer = Periodic.start(vertx, name, interval, task);
        timers.add(timer);
        return timer;
    }

    private Future<?> listen(Parts made, TestShot test) {
        consumers.add(bus.hear(Addresses.EVENTS_PENDING, told -> made.alarm.ringIn(LINGER)));
        consumers.add(bus.hear(Addresses.WEBHOOKS_CHANGED, told -> changed()));
        consumers.add(bus.serve(Addresses.WEBHOOK_TEST, test::fire));
        return Future.join(consumers.stream().map(MessageConsumer::completion).toList());
    }

    private Future<?> scout(Parts made) {
        return made.scout.look().onSuccess(found -> {
            found.hints().forEach(made.fleet::hint);
            if (!found.hints().isEmpty()) {
                bus.publish(Addresses.EVENTS_ARRIVED, Done.DONE);
            }
            if (found.more()) {
                scoutNow();
            } else if (found.held()) {
                made.alarm.ringIn(recheck.next());
            } else {
                recheck.reset();
            }
        });
    }

    private Future<?> sweep(Parts made) {
        return made.changes
                .applyIfAny()
                .compose(v -> made.node.lanes().due())
                .onSuccess(due -> due.forEach(made.fleet::look));
    }

    private void scoutNow() {
        if (scouting != null) {
            scouting.nudge();
        }
    }

    /** Endpoints changed, or events were recorded here. */
    private void changed() {
        if (sweeping != null) {
            sweeping.nudge();
        }
        scoutNow();
    }
}
