package dev.herald.presence;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.Service;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.PresenceMessage.EndReason;
import dev.herald.bus.message.PresenceMessage.KickDevice;
import dev.herald.bus.message.PresenceMessage.KickSession;
import dev.herald.bus.message.PresenceMessage.OnlineQuery;
import dev.herald.bus.message.PresenceMessage.OnlineRows;
import dev.herald.bus.message.PresenceMessage.OpenSession;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.bus.message.PresenceMessage.SessionOpened;
import dev.herald.config.HeraldConfig;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.lifecycle.InFlight;
import dev.herald.lifecycle.Periodic;
import dev.herald.model.DeviceFlag;
import dev.herald.model.Uid;
import dev.herald.postgres.PgClients;
import dev.herald.presence.node.Heirs;
import dev.herald.presence.node.NodeDirectory;
import dev.herald.presence.node.NodeLease;
import dev.herald.presence.node.NodeList;
import dev.herald.presence.node.Peers;
import dev.herald.presence.reconcile.DeadNodes;
import dev.herald.presence.reconcile.Reconciliation;
import dev.herald.presence.registry.SessionRegistry;
import dev.herald.presence.registry.SessionRoutes;
import dev.herald.presence.session.Closings;
import dev.herald.presence.session.EdgeLog;
import dev.herald.presence.session.Holds;
import dev.herald.presence.session.PresenceMeters;
import dev.herald.presence.session.Recent;
import dev.herald.presence.session.Registrar;
import dev.herald.presence.session.Residents;
import dev.herald.presence.session.Sessions;
import dev.herald.presence.session.Tiers;
import dev.herald.presencelog.Edge;
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

    private static final int MAX_IN_FLIGHT = 16_384;
    private static final int MAX_QUERY = 10_000;
    private static final int MAX_DEVICE_ID = 255;
    private static final Duration APPEND_DEADLINE = Duration.ofSeconds(30);
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
    private final InFlight inFlight = new InFlight(MAX_IN_FLIGHT);
    private @Nullable Parts parts;

    private record Parts(
            RedisGateway redis,
            SessionRegistry registry,
            EdgeLog edges,
            Sessions sessions,
            NodeLease lease,
            NodeLife life,
            DeadNodes deadNodes,
            Tiers tiers,
            Reconciliation reconciliation,
            PresenceMeters meters) {}

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
                            .compose(begun -> made.tiers().refresh(pg.statements()))
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
                                made.edges().size(),
                                String.valueOf(cause))))
                .eventually(() -> stop(signsOfLife))
                .eventually(() -> {
                    made.meters().close();
                    return made.redis().close();
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
        NodeLease lease = new NodeLease(redis, incarnation, presence.lease(), renewal, System::nanoTime);
        SessionRegistry registry = new SessionRegistry(redis, lease);
        EdgeLog edges = new EdgeLog(
                vertx,
                APPEND_DEADLINE,
                batch -> PresenceLog.record(pg.transactions(), batch, presence.deviceEvents()),
                this::recorded);
        Tiers tiers = new Tiers(presence);
        NodeList list = new NodeList(vertx, redis, lease);
        Residents residents = new Residents();
        Recent recent = new Recent(System::nanoTime);
        Holds holds = new Holds(System::nanoTime);
        PresenceMeters meters = new PresenceMeters(metrics);
        meters.gauge("herald.presence.recent", "Users changed lately, looked at again if Redis fails", recent::size);
        Closings closings = new Closings(vertx, bus, incarnation, meters);
        meters.gauge("herald.presence.edges.waiting", "Edges that wait to be recorded", edges::size);
        meters.gauge("herald.presence.held", "Users whose offline this node holds for a return", holds::size);
        meters.gauge("herald.presence.sessions", "Sessions of this node in the registry", residents::size);
        meters.gauge(
                "herald.presence.closings",
                "Questions to other nodes to close sockets, without answer",
                closings::size);
        Registrar registrar = new Registrar(vertx, registry, list, edges);
        Sessions sessions = new Sessions(closings, registrar, tiers, edges, list, residents, recent, holds, meters);
        Heirs heirs = new Heirs(pg.statements());
        Peers peers = new Peers(redis, lease, System::nanoTime);
        NodeLife life = new NodeLife(vertx, redis, pg, lease, heirs, registry, list, sessions, meters, this::isWhole);
        DeadNodes deadNodes = new DeadNodes(redis, lease, peers, heirs, edges::hasRoom, sessions, bus::expect);
        Reconciliation reconciliation = new Reconciliation(
                vertx,
                bus,
                pg,
                presence,
                new Reconciliation.Ground(
                        redis, lease, peers, heirs, registry, list, residents, recent, sessions, tiers, metrics));
        meters.gauge(
                "herald.presence.suspects",
                "Users to be looked at again; at 10,000 walks wait",
                reconciliation::suspects);
        return new Parts(redis, registry, edges, sessions, lease, life, deadNodes, tiers, reconciliation, meters);
    }

    private void recorded(List<Edge> edges) {
        bus.tell(Addresses.EVENTS_PENDING, Done.DONE);
        bus.publish(Addresses.PRESENCE_CHANGED, Done.DONE);
        if (parts != null) {
            parts.sessions().recorded(edges);
        }
    }

    private Future<?> serve(Parts made) {
        Periodic priority = Periodic.start(
                vertx, "priority-users", PRIORITY_LOOK, () -> made.tiers().refresh(pg.statements()));
        signsOfLife = List.of(
                Periodic.start(vertx, "lease", renewal, made.life()::renew),
                Periodic.start(vertx, "pulse", PULSE, made.life()::pulse));
        timers = new ArrayList<>(made.reconciliation().start());
        timers.addAll(List.of(
                priority,
                Periodic.start(vertx, "cut", CUT_LOOK, this::catchUp),
                Periodic.start(vertx, "holds", HOLDS_LOOK, made.sessions()::settleDue),
                Periodic.start(vertx, "dead-nodes", deadLook, made.deadNodes()::sweep)));
        NodeDirectory directory = new NodeDirectory(made.redis());
        return service.serve(Addresses.SESSION_OPEN, message -> open(made, message))
                .serve(Addresses.SESSION_END, made.sessions()::end)
                .serve(Addresses.SESSION_ROUTES, new SessionRoutes(made.redis())::of)
                .serve(Addresses.DEVICE_KICK, message -> kick(made, message))
                .serve(Addresses.SESSION_KICK, message -> kick(made, message))
                .hear(Addresses.DEVICE_KICKED, kick -> made.sessions()
                        .kickUnregistered(
                                kick.uid(),
                                session -> kick.deviceFlag() < 0 || kick.deviceFlag() == session.deviceFlag(),
                                kick.text()))
                .hear(Addresses.SESSION_KICKED, kick -> made.sessions()
                        .kickUnregistered(kick.uid(), session -> kick.id() == session.id(), kick.text()))
                .serve(Addresses.ONLINE_QUERY, message -> query(made, message))
                .serve(Addresses.SESSIONS_ALIGN, made.reconciliation()::align)
                .serve(Addresses.PEERS, query -> directory.list())
                .serve(Addresses.NODE_EVICT, order -> directory.evict(order).map(Done.DONE))
                .serve(Addresses.SESSIONS_VERIFY, message -> made.reconciliation()
                        .verify(message.uids()))
                .hear(Addresses.PRIORITY_CHANGED, message -> priority.nudge())
                .hear(Addresses.SESSIONS_CLOSE, message -> bus.publish(Addresses.SOCKETS_CLOSE, message))
                .hear(Addresses.SOCKETS_CLOSE, message -> made.sessions().closed(message.ids()))
                .ready();
    }

    private Future<Void> finish(Parts made) {
        Future<Void> stopping = stop(timers);
        made.reconciliation().stop();
        return stopping.compose(stopped -> inFlight.drain())
                .compose(drained -> {
                    made.sessions().endAll(EndReason.DRAINED);
                    return made.sessions().idle();
                })
                .compose(ended -> made.edges().flush())
                .compose(recorded -> stop(signsOfLife))
                .compose(stopped -> made.lease().drop());
    }

    private static Future<Void> stop(List<Periodic> timers) {
        return Future.join(timers.stream().map(Periodic::stop).toList()).mapEmpty();
    }

    private Future<SessionOpened> open(Parts made, OpenSession message) {
        SessionInfo session = message.session();
        check(session.uid(), session.deviceFlag(), 0);
        if (session.deviceId().length() > MAX_DEVICE_ID) {
            throw HeraldException.invalid("device_id", "must not be longer than " + MAX_DEVICE_ID + " characters");
        }
        if (SessionInfo.incarnationOf(session.id()) != incarnation) {
            throw HeraldException.invalid("session id", "must belong to node " + incarnation);
        }
        admit(made);
        return inFlight.run(() -> made.sessions().open(session));
    }

    private Future<Done> kick(Parts made, KickDevice kick) {
        check(kick.uid(), kick.deviceFlag(), -1);
        admit(made);
        return inFlight.run(() -> made.sessions().kick(kick))
                .onSuccess(done -> bus.publish(Addresses.DEVICE_KICKED, kick));
    }

    private Future<Done> kick(Parts made, KickSession kick) {
        check(kick.uid(), 0, 0);
        admit(made);
        return inFlight.run(() -> made.sessions().kick(kick))
                .onSuccess(done -> bus.publish(Addresses.SESSION_KICKED, kick));
    }

    private Future<OnlineRows> query(Parts made, OnlineQuery query) {
        if (query.uids().size() > MAX_QUERY) {
            throw HeraldException.invalid("uids", "must not be more than " + MAX_QUERY);
        }
        List<String> uids = query.uids().stream().distinct().toList();
        return inFlight.run(() -> made.registry().rows(uids)).map(OnlineRows::new);
    }

    private static void check(String uid, int deviceFlag, int lowestFlag) {
        String problem = Uid.problem(uid);
        if (!problem.isEmpty()) {
            throw HeraldException.invalid("uid", problem);
        }
        if (deviceFlag < lowestFlag || deviceFlag > DeviceFlag.MAX) {
            throw HeraldException.invalid("device_flag", "must be from " + lowestFlag + " to " + DeviceFlag.MAX);
        }
    }

    private static void admit(Parts made) {
        if (!made.registry().isReady()) {
            throw new HeraldException(Failure.UNAVAILABLE, "the session registry is not connected");
        }
        if (!made.edges().hasRoom()) {
            throw new HeraldException(Failure.OVERLOADED, "too many events wait to be recorded");
        }
    }
}
