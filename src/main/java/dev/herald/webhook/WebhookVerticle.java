package dev.herald.webhook;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.config.HeraldConfig;
import dev.herald.endpoint.Endpoint.Format;
import dev.herald.endpoint.Endpoint.Settings;
import dev.herald.endpoint.Endpoints;
import dev.herald.eventlog.EventType;
import dev.herald.failure.HeraldException;
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
import java.util.Optional;
import java.util.Random;
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

    /** Large batches share their presence lookups; each takes little of the log at once. */
    private static final Settings OFFLINE_NOTICES = new Settings(
            "",
            "",
            Format.STANDARD,
            List.of(EventType.MESSAGE_NOTIFY.value(), EventType.MESSAGE_PASSED.value()),
            50,
            Duration.ofMillis(50),
            4,
            0);

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
    private @Nullable Running running;

    private record Running(
            Node node,
            Fleet fleet,
            Scout scout,
            Endpoints endpoints,
            Posts posts,
            Changes changes,
            TestShot test,
            Alarm alarm) {}

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
        Running parts = assemble();
        running = parts;
        return prepare(parts.endpoints)
                .compose(v -> parts.endpoints.all())
                .compose(parts.posts::unreadable)
                .onSuccess(WebhookVerticle::complain)
                .compose(v -> parts.scout.look())
                .compose(v -> parts.changes.apply())
                .compose(v -> listen(parts));
    }

    /** Starts no more requests, lets those under way end for a while, and gives all lanes back. */
    @Override
    public Future<?> stop() {
        Running parts = running;
        if (parts == null) {
            return Future.succeededFuture();
        }
        parts.alarm.cancel();
        Periodic renewal = timers.removeLast();
        return Future.join(consumers.stream().map(MessageConsumer::unregister).toList())
                .eventually(
                        () -> Future.join(timers.stream().map(Periodic::stop).toList()))
                .eventually(parts.fleet::stop)
                .eventually(renewal::stop)
                .eventually(() -> parts.node.lanes().releaseAll())
                .eventually(() -> parts.node.attempts().flush());
    }

    private Running assemble() {
        WebhookMeters meters = new WebhookMeters(Metrics.globalRegistry);
        Lanes lanes = new Lanes(pg.statements(), incarnation, tuning.lease());
        Leases leases = new Leases(lanes, tuning.lease());
        Settlements settlements = new Settlements(pg.statements(), incarnation, tuning.lease());
        Node node = new Node(
                vertx,
                lanes,
                leases,
                settlements,
                new SideLanes(pg),
                new Replays(pg.statements(), incarnation, tuning.lease(), leases, settlements),
                new AttemptLog(vertx, pg.statements(), meters),
                new Health(pg, tuning.failingPatience(), this::changed),
                meters,
                tuning.schedule(),
                random);
        Endpoints endpoints = new Endpoints(pg);
        Posts posts = new Posts(vertx, config, pg, bus, tuning.names().apply(vertx));
        Fleet fleet = new Fleet(node, posts);
        Changes changes = new Changes(pg.statements(), endpoints, fleet, node);
        return new Running(
                node,
                fleet,
                new Scout(pg.statements()),
                endpoints,
                posts,
                changes,
                new TestShot(endpoints, posts),
                new Alarm(vertx, this::scoutNow));
    }

    /** The configuration's part in what the database knows. */
    private Future<Void> prepare(Endpoints endpoints) {
        List<String> pull = known("webhook.pull", config.webhook().pull());
        return endpoints
                .prepareOfflineNotices(OFFLINE_NOTICES)
                .compose(v -> endpoints.configure(config.webhook().url().map(this::configured)))
                .compose(v -> endpoints.record(pull))
                .compose(v -> endpoints.resolveFilters());
    }

    /** Their events wait until a node comes that can sign them; all else works. */
    private static void complain(List<String> unreadable) {
        if (!unreadable.isEmpty()) {
            log.error(
                    "webhook.key is not the one that the secrets of {} are sealed with: give this node the key of the"
                            + " others, or rotate those secrets (POST /webhooks/ID/rotate)",
                    String.join(", ", unreadable));
        }
    }

    private static List<String> known(String key, Optional<List<String>> patterns) {
        List<String> stripped =
                patterns.orElse(List.of()).stream().map(String::strip).toList();
        for (String pattern : stripped) {
            if (EventType.matching(List.of(pattern)).isEmpty()) {
                throw HeraldException.invalid(key, "no event is called " + pattern);
            }
        }
        return stripped;
    }

    private Settings configured(String url) {
        HeraldConfig.Webhook webhook = config.webhook();
        return new Settings(
                url,
                "given by the configuration",
                Format.valueOf(webhook.format().name()),
                known("webhook.events", webhook.events()),
                webhook.batchSize(),
                webhook.batchDelay(),
                webhook.concurrency(),
                webhook.rate());
    }

    private Future<?> listen(Running parts) {
        Retention retention = new Retention(pg, tuning.ages(), parts.node.meters());
        Lag lag = new Lag(pg.statements(), parts.fleet, parts.node.meters());
        Duration sweep = config.webhook().sweepInterval();
        timers.add(Periodic.start(vertx, "webhook scout", sweep, () -> scout(parts)));
        timers.add(Periodic.start(vertx, "webhook lanes", sweep, () -> sweep(parts)));
        timers.add(Periodic.start(vertx, "webhook health", tuning.chores(), parts.node.health()::tellFailing));
        timers.add(Periodic.start(vertx, "webhook retention", tuning.chores(), retention::sweep));
        timers.add(Periodic.start(vertx, "webhook lag", tuning.chores(), lag::measure));
        timers.add(Periodic.start(
                vertx, "webhook leases", parts.node.leases().renewalInterval(), parts.node.leases()::renew));
        consumers.add(bus.serve(Addresses.EVENTS_PENDING, nudge -> {
            parts.alarm.ringIn(LINGER);
            return Future.succeededFuture(Done.DONE);
        }));
        consumers.add(bus.serve(Addresses.WEBHOOKS_CHANGED, nudge -> {
            changed();
            return Future.succeededFuture(Done.DONE);
        }));
        consumers.add(bus.serve(Addresses.WEBHOOK_TEST, parts.test::fire));
        return Future.join(consumers.stream().map(MessageConsumer::completion).toList());
    }

    private Future<?> scout(Running parts) {
        return parts.scout.look().onSuccess(found -> {
            found.hints().forEach(parts.fleet::hint);
            if (!found.hints().isEmpty()) {
                bus.publish(Addresses.EVENTS_ARRIVED, Done.DONE);
            }
            if (found.more()) {
                scoutNow();
            } else if (found.held()) {
                parts.alarm.ringIn(recheck.next());
            } else {
                recheck.reset();
            }
        });
    }

    private Future<?> sweep(Running parts) {
        return parts.changes
                .applyIfAny()
                .compose(v -> parts.node.lanes().due())
                .onSuccess(due -> due.forEach(parts.fleet::look));
    }

    private void scoutNow() {
        if (!timers.isEmpty()) {
            timers.getFirst().nudge();
        }
    }

    /** Endpoints changed, or events were recorded here. */
    private void changed() {
        if (timers.size() > 1) {
            timers.get(1).nudge();
        }
        scoutNow();
    }
}
