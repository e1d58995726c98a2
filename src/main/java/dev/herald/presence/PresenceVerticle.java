package dev.herald.presence;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.Service;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.PresenceMessage.EndReason;
import dev.herald.config.HeraldConfig;
import dev.herald.lifecycle.Periodic;
import dev.herald.postgres.PgClients;
import dev.herald.presence.node.Node;
import dev.herald.presence.node.NodeDirectory;
import dev.herald.presence.reconcile.DeadNodes;
import dev.herald.presence.reconcile.Reconciliation;
import dev.herald.presence.registry.SessionRegistry;
import dev.herald.presence.registry.SessionRoutes;
import dev.herald.presence.session.OwnSessions;
import dev.herald.presence.session.Sessions;
import dev.herald.presencelog.PresenceLog;
import dev.herald.redis.RedisGateway;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Owns the session registry: who is online, told as events, and true again after a node has died. */
public final class PresenceVerticle extends VerticleBase {
    private static final Logger log = LoggerFactory.getLogger(PresenceVerticle.class);

    private static final Duration CLOCK_DEADLINE = Duration.ofSeconds(1);
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(10);
    private static final Duration PULSE = Duration.ofSeconds(1);

    /** Within the time of a lease: two may fail before it ends. */
    private static final int LEASE_RENEWALS = 3;

    private static final Duration DEAD_LOOK = Duration.ofSeconds(1);
    private static final Duration CUT_LOOK = Duration.ofSeconds(10);
    private static final Duration HOLDS_LOOK = Duration.ofMillis(100);
    private static final Duration PRIORITY_LOOK = Duration.ofSeconds(30);

    private final HeraldConfig config;
    private final Bus bus;
    private final Service service;
    private final PgClients pg;
    private final long incarnation;
    private final MeterRegistry metrics;
    private final Duration renewal;
    private final Duration deadLook;
    private @Nullable Parts parts;

    private record Parts(
            Node node,
            SessionRegistry registry,
            OwnSessions own,
            NodeLife life,
            Reconciliation reconciliation,
            DeadNodes deadNodes,
            Requests requests) {}

    private List<Periodic> timers = List.of();
    /** They go on until everything else has ended: without a lease nothing could be ended in order. */
    private List<Periodic> signsOfLife = List.of();

    /** @param incarnation of this process, never used by another */
    public PresenceVerticle(HeraldConfig config, Bus bus, PgClients pg, long incarnation, MeterRegistry metrics) {
        this(config, bus, pg, incarnation, metrics, config.presence().lease().dividedBy(LEASE_RENEWALS), DEAD_LOOK);
    }

    /**
     * @param renewal how often the lease is renewed
     * @param deadLook how often it looks for dead nodes
     */
    PresenceVerticle(
            HeraldConfig config,
            Bus bus,
            PgClients pg,
            long incarnation,
            MeterRegistry metrics,
            Duration renewal,
            Duration deadLook) {
        this.config = config;
        this.bus = bus;
        this.service = new Service(bus);
        this.pg = pg;
        this.incarnation = incarnation;
        this.metrics = metrics;
        this.renewal = renewal;
        this.deadLook = deadLook;
    }

    @Override
    public Future<?> start() {
        return RedisGateway.open(
                        vertx, config.redis().url().orElseThrow().value(), calls -> learnVersions(), this::redisIsBack)
                .compose(redis -> {
                    Parts made = assemble(redis);
                    parts = made;
                    return made.life()
                            .begin()
                            .compose(begun -> made.own().tiers().refresh(pg.statements()))
                            .compose(ready -> serve(made));
                });
    }

    /**
     * Ends what is still open, records what is not yet recorded, and only then lets go of the lease: others go on with
     * what is held. If time runs out, they find the rest in the registry when the lease has ended.
     */
    @Override
    public Future<?> stop() {
        Parts made = parts;
        if (made == null) {
            return Future.succeededFuture();
        }
        return service.close()
                .eventually(() -> finish(made)
                        .timeout(STOP_DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
                        .onFailure(cause -> log.error(
                                "stopping was cut short, unrecorded events={}: {}",
                                made.own().edges().size(),
                                String.valueOf(cause))))
                .eventually(() -> stop(signsOfLife))
                .eventually(() -> {
                    made.own().meters().close();
                    return made.node().redis().close();
                });
    }

    /** A Redis that is there again may have another clock; what PostgreSQL cannot say now, reconciliation finds. */
    private Future<Void> learnVersions() {
        Parts made = parts;
        return made == null
                ? Future.succeededFuture()
                : PresenceLog.clock(pg.statements())
                        .timeout(CLOCK_DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
                        .onSuccess(made.registry()::exceed)
                        .<Void>mapEmpty()
                        .otherwiseEmpty();
    }

    /** What was under way when the connection was cut may be done or not, and Redis may have lost its last second. */
    private void redisIsBack() {
        signsOfLife.forEach(Periodic::nudge);
        if (parts != null) {
            parts.reconciliation().redisIsBack();
        }
    }

    /** What a node that does not reach this one has ended here is found in the registry. */
    private Future<Void> catchUp() {
        if (!bus.unreachable().isEmpty()) {
            walkOwn();
        }
        return Future.succeededFuture();
    }

    private void walkOwn() {
        if (parts != null) {
            parts.reconciliation().walkOwn();
        }
    }

    /** While sessions were missing from the registry others did not send their messages here. */
    private void isWhole() {
        bus.tell(Addresses.MESSAGES_UNTOLD, Done.DONE);
        walkOwn();
    }

    private Parts assemble(RedisGateway redis) {
        HeraldConfig.Presence presence = config.presence();
        Node node = Node.of(vertx, redis, pg.statements(), incarnation, presence.lease(), renewal);
        SessionRegistry registry = new SessionRegistry(redis, node.lease());
        OwnSessions own = OwnSessions.of(vertx, bus, pg, presence, node, registry, metrics);
        return new Parts(
                node,
                registry,
                own,
                new NodeLife(vertx, pg, node, registry, own, this::isWhole),
                new Reconciliation(vertx, bus, pg, presence, node, registry, own, metrics),
                new DeadNodes(node, own, bus::expect),
                new Requests(bus, incarnation, registry, own));
    }

    private Future<?> serve(Parts made) {
        Sessions sessions = made.own().sessions();
        Requests requests = made.requests();
        Reconciliation reconciliation = made.reconciliation();
        NodeDirectory directory = new NodeDirectory(made.node().redis());
        Periodic priority = startTimers(made);
        return service.serve(Addresses.SESSION_OPEN, requests::open)
                .serve(Addresses.SESSION_END, sessions::end)
                .serve(Addresses.SESSION_ROUTES, new SessionRoutes(made.node().redis())::of)
                .serve(Addresses.DEVICE_KICK, requests::kick)
                .serve(Addresses.SESSION_KICK, requests::kick)
                .hear(Addresses.DEVICE_KICKED, requests::kicked)
                .hear(Addresses.SESSION_KICKED, requests::kicked)
                .serve(Addresses.ONLINE_QUERY, requests::query)
                .serve(Addresses.SESSIONS_ALIGN, reconciliation::align)
                .serve(Addresses.PEERS, query -> directory.list())
                .serve(Addresses.NODE_EVICT, order -> directory.evict(order).map(Done.DONE))
                .serve(Addresses.SESSIONS_VERIFY, reconciliation::verify)
                .hear(Addresses.PRIORITY_CHANGED, message -> priority.nudge())
                .hear(Addresses.SESSIONS_CLOSE, message -> bus.publish(Addresses.SOCKETS_CLOSE, message))
                .hear(Addresses.SOCKETS_CLOSE, message -> sessions.closed(message.ids()))
                .ready();
    }

    /** @return the one that learns who is a priority */
    private Periodic startTimers(Parts made) {
        signsOfLife = List.of(
                Periodic.start(vertx, "lease", renewal, made.life()::renew),
                Periodic.start(vertx, "pulse", PULSE, made.life()::pulse));
        Periodic priority = Periodic.start(
                vertx, "priority-users", PRIORITY_LOOK, () -> made.own().tiers().refresh(pg.statements()));
        timers = new ArrayList<>(made.reconciliation().start());
        timers.addAll(List.of(
                priority,
                Periodic.start(vertx, "cut", CUT_LOOK, this::catchUp),
                Periodic.start(vertx, "holds", HOLDS_LOOK, made.own().repairs()::settleDue),
                Periodic.start(vertx, "dead-nodes", deadLook, made.deadNodes()::sweep)));
        return priority;
    }

    private Future<Void> finish(Parts made) {
        Future<Void> stopping = stop(timers);
        made.reconciliation().stop();
        return stopping.compose(stopped -> made.requests().drain())
                .compose(drained -> {
                    made.own().sessions().endAll(EndReason.DRAINED);
                    return made.own().sessions().idle();
                })
                .compose(ended -> made.own().edges().flush())
                .compose(recorded -> stop(signsOfLife))
                .compose(stopped -> made.node().lease().drop());
    }

    private static Future<Void> stop(List<Periodic> timers) {
        return Future.join(timers.stream().map(Periodic::stop).toList()).mapEmpty();
    }
}
