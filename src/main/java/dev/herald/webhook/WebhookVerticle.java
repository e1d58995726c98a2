package dev.herald.webhook;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.Service;
import dev.herald.bus.message.Done;
import dev.herald.config.HeraldConfig;
import dev.herald.endpoint.Endpoints;
import dev.herald.lifecycle.Backoff;
import dev.herald.lifecycle.Periodic;
import dev.herald.postgres.PgClients;
import dev.herald.webhook.dispatch.Alarm;
import dev.herald.webhook.dispatch.Changes;
import dev.herald.webhook.dispatch.Fleet;
import dev.herald.webhook.dispatch.Lag;
import dev.herald.webhook.dispatch.Node;
import dev.herald.webhook.dispatch.Replays;
import dev.herald.webhook.dispatch.Scout;
import dev.herald.webhook.lane.Lanes;
import dev.herald.webhook.lane.Leases;
import dev.herald.webhook.lane.Owner;
import dev.herald.webhook.lane.Settlements;
import dev.herald.webhook.lane.SideLanes;
import dev.herald.webhook.post.Configured;
import dev.herald.webhook.post.Posts;
import dev.herald.webhook.post.TestShot;
import dev.herald.webhook.record.AttemptLog;
import dev.herald.webhook.record.Health;
import dev.herald.webhook.record.Retention;
import dev.herald.webhook.record.WebhookMeters;
import io.micrometer.core.instrument.Metrics;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Delivers the event log to every endpoint; idle, it asks the database a few times a second, however many there are. */
public final class WebhookVerticle extends VerticleBase {
    /** Between being told of an event and looking for it: what comes in meanwhile shares its request. */
    private static final Duration LINGER = Duration.ofMillis(10);

    /** Waits while an older transaction keeps events back. */
    private static final Duration FIRST_RECHECK = Duration.ofMillis(50);

    private static final Duration LAST_RECHECK = Duration.ofMillis(200);

    private final HeraldConfig config;
    private final Bus bus;
    private final Service service;
    private final PgClients pg;
    private final long incarnation;
    private final Tuning tuning;
    private final Random random = new Random();
    private final Backoff recheck = new Backoff(FIRST_RECHECK, LAST_RECHECK, random);
    private final List<Periodic> timers = new ArrayList<>();
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
        this.service = new Service(bus);
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
        return posts.check()
                .compose(v -> configured.apply(endpoints))
                .compose(v -> made.scout.look())
                .compose(v -> sweep(made))
                .compose(v -> {
                    bus.publish(Addresses.WEBHOOKS_CHANGED, Done.DONE);
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
        return service.close()
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
        Changes changes = new Changes(endpoints, fleet, node);
        return new Parts(node, fleet, new Scout(pg.statements()), changes, new Alarm(vertx, this::scoutNow));
    }

    private void work(Parts made) {
        Retention retention = new Retention(pg, tuning.ages(), made.node.meters());
        Lag lag = new Lag(pg, made.fleet::dispatchers, made.node.meters());
        Leases leases = made.node.leases();
        Periodic scout = Periodic.startResting(vertx, "webhook scout", tuning.sweep(), () -> scout(made));
        Periodic sweep = Periodic.startResting(vertx, "webhook lanes", tuning.sweep(), () -> sweep(made));
        scouting = scout;
        sweeping = sweep;
        timers.addAll(List.of(scout, sweep));
        repeat("webhook health", made.node.health()::tellFailing);
        repeat("webhook endpoints", made.changes::applyRest);
        repeat("webhook probes", made.node.lanes()::probe);
        repeat("webhook retention", retention::sweep);
        repeat("webhook lag", lag::measure);
        renewal = Periodic.start(vertx, "webhook leases", leases.renewalInterval(), leases::renew);
    }

    private void repeat(String name, Supplier<Future<?>> chore) {
        timers.add(Periodic.start(vertx, name, tuning.chores(), chore));
    }

    private Future<?> listen(Parts made, TestShot test) {
        return service.hear(Addresses.EVENTS_PENDING, told -> made.alarm.ringIn(LINGER))
                .hear(Addresses.WEBHOOKS_CHANGED, told -> changed())
                .serve(Addresses.WEBHOOK_TEST, test::fire)
                .ready();
    }

    /** True if there was something, or will be. */
    private Future<Boolean> scout(Parts made) {
        return made.scout.look().map(found -> {
            boolean some = !found.hints().isEmpty();
            found.hints().forEach(made.fleet::hint);
            if (some) {
                bus.publish(Addresses.EVENTS_ARRIVED, Done.DONE);
            }
            if (found.more()) {
                scoutNow();
            } else if (found.held()) {
                made.alarm.ringIn(recheck.next());
            } else {
                recheck.reset();
            }
            return some || found.held();
        });
    }

    /** The same. */
    private Future<Boolean> sweep(Parts made) {
        return made.node.lanes().sweep().compose(sight -> made.changes
                .apply(sight.revisions())
                .map(changed -> {
                    sight.due().forEach(made.fleet::look);
                    return changed || sight.soon();
                }));
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
