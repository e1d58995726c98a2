package dev.herald.socket;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.PresenceMessage.LiveSessions;
import dev.herald.bus.message.SocketMessage.Absent;
import dev.herald.bus.message.SocketMessage.CloseSessions;
import dev.herald.bus.message.SocketMessage.Place;
import dev.herald.bus.message.SocketMessage.Push;
import dev.herald.bus.message.SocketMessage.PushEvent;
import dev.herald.bus.message.SocketMessage.Pushes;
import dev.herald.bus.message.SocketMessage.Wake;
import dev.herald.config.HeraldConfig;
import dev.herald.config.HeraldConfig.Client.Auth;
import dev.herald.device.Standings;
import dev.herald.jwt.JwtCheck;
import dev.herald.lifecycle.InFlight;
import dev.herald.lifecycle.Periodic;
import dev.herald.model.Expiry;
import dev.herald.model.Payload;
import dev.herald.postgres.PgClients;
import dev.herald.presencelog.WatchLists;
import dev.herald.presencelog.WatchLists.WatchList;
import dev.herald.trail.Trail;
import dev.herald.trail.Trails;
import dev.herald.wire.Frame;
import dev.herald.wire.Protocols;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The clients: each instance owns the connections that its event loop accepted, and all share the ports. */
public final class SocketVerticle extends VerticleBase {
    private static final Logger log = LoggerFactory.getLogger(SocketVerticle.class);

    private static final Duration SWEEP_INTERVAL = Duration.ofSeconds(30);

    /** As long as a node that may have something for clients here does not reach this one. */
    private static final Duration CUT_SWEEP_INTERVAL = Duration.ofSeconds(5);

    private static final Duration MAX_TICK = Duration.ofSeconds(1);

    /** Five hundred a second: the other nodes let in as many while they go on with their work. */
    private static final Duration DRAIN_EACH = Duration.ofMillis(2);

    private final HeraldConfig config;
    private final Bus bus;
    private final Login.Register register;
    private final ListReads lists;
    private final long incarnation;
    private final MeterRegistry registry;
    private Sessions sessions = new Sessions(new NodeUsers());
    private final Connections connections;
    private final InFlight openings;
    private final Trail trail = new Trail();

    private @Nullable NodeInstances instances;
    private @Nullable Entrance entrance;
    private @Nullable WebSocketPort webSocket;
    private @Nullable TcpPort tcp;
    private List<Periodic> timers = List.of();
    private @Nullable Activities activities;
    private @Nullable Watching watching;
    private @Nullable Memory memory;
    private @Nullable SocketMeters meters;
    private @Nullable JwtCheck jwt;
    private List<MessageConsumer<?>> consumers = List.of();

    /** @param incarnation of this process: session ids begin with it */
    public SocketVerticle(HeraldConfig config, Bus bus, PgClients pg, long incarnation) {
        this(
                config,
                bus,
                new Standings(pg)::find,
                known -> WatchLists.changed(pg.statements(), known),
                incarnation,
                SWEEP_INTERVAL,
                Metrics.globalRegistry);
    }

    SocketVerticle(
            HeraldConfig config,
            Bus bus,
            Login.Register register,
            Function<Map<String, Long>, Future<Map<String, WatchList>>> changedLists,
            long incarnation,
            Duration sweepInterval,
            MeterRegistry registry) {
        this.config = config;
        this.bus = bus;
        this.register = register;
        this.lists = new ListReads(changedLists);
        this.incarnation = incarnation;
        this.registry = registry;
        this.connections = new Connections(() -> bus.unreachable().isEmpty() ? sweepInterval : CUT_SWEEP_INTERVAL);
        this.openings = new InFlight(config.ws().maxConnections());
    }

    @Override
    public Future<?> start() {
        NodeUsers users = NodeUsers.of(vertx);
        sessions = new Sessions(users);
        NodeInstances all = NodeInstances.of(vertx);
        all.add(sessions, context);
        Trails.of(vertx).add(trail, context);
        instances = all;
        NodeCounts counts = NodeCounts.of(vertx);
        Admission admission = Admission.of(vertx, config.ws(), counts);
        memory = admission.memory();
        SocketMeters counting = new SocketMeters(registry, counts);
        meters = counting;
        HeraldConfig.Client client = config.client();
        JwtCheck check = client.auth() == Auth.JWT ? JwtCheck.of(vertx, client.jwt(), registry) : null;
        jwt = check;
        Login login = new Login(register, client.auth() != Auth.NONE, check);
        Activities noted = new Activities(bus, counting);
        activities = noted;
        Watching watchers = new Watching(vertx, bus, lists, config.presence(), counting);
        watching = watchers;
        SocketContext shared = new SocketContext(
                vertx,
                config.ws(),
                config.messages(),
                config.commands(),
                bus,
                login,
                new Protocols(config.ws().maxFrameBytes(), new SecureRandom()),
                sessions,
                openings,
                admission,
                new Logins(),
                noted,
                watchers,
                trail,
                new Turn(vertx, bus),
                new Acks(vertx, bus),
                counts,
                counting,
                incarnation);
        timers = List.of(
                every("sockets", tickInterval(), this::tick),
                every("activities", Activities.interval(config.presence().activeWithin()), noted::tell));
        consumers = listen(watchers, users, all);
        Entrance door = new Entrance(shared, connections);
        entrance = door;
        WebSocketPort overWebSocket = new WebSocketPort(vertx, config, door);
        webSocket = overWebSocket;
        TcpPort overTcp = new TcpPort(vertx, config, door);
        tcp = overTcp;
        return Future.all(consumers.stream().map(MessageConsumer::completion).toList())
                .compose(v -> Future.all(overWebSocket.open(), overTcp.open()));
    }

    private List<MessageConsumer<?>> listen(Watching watchers, NodeUsers users, NodeInstances all) {
        return List.of(
                bus.hear(Addresses.STATES_CHANGED, watchers::take),
                bus.hear(Addresses.WATCH_LIST_CHANGED, changed -> sessions.of(changed.uid())
                        .forEach(session -> session.watch().refresh())),
                bus.hear(Addresses.SOCKETS_PUSH, this::push),
                bus.hear(Addresses.SOCKETS_EVENT, this::tell),
                bus.serve(
                        Addresses.SOCKETS_ABSENT,
                        asked -> Future.succeededFuture(new Absent(users.absent(asked.uids())))),
                bus.hear(Addresses.SOCKETS_WAKE, this::wake),
                bus.hear(Addresses.SOCKETS_REPLAY, changed -> sessions.all().forEach(Session::replay)),
                bus.hear(Addresses.SOCKETS_CLOSE, this::kick),
                bus.serve(Addresses.SOCKETS_LIST, all::list),
                bus.hear(Addresses.SOCKETS_REPORT, report -> report()));
    }

    /** Tells the registry of every end, closes every socket with "come back", and only then the server. */
    @Override
    public Future<?> stop() {
        if (entrance != null) {
            entrance.close();
        }
        Duration window = drainWindow();
        return connections
                .drain(vertx, window)
                .compose(v -> openings.drain())
                .timeout(window.plus(Connection.CLOSING.multipliedBy(2)).toMillis(), TimeUnit.MILLISECONDS)
                .onFailure(cause -> log.warn("sockets were left open: {}", cause.getMessage()))
                .otherwiseEmpty()
                .eventually(this::release);
    }

    /** The same on all instances, so that together they close at that pace. */
    private Duration drainWindow() {
        Duration wanted = DRAIN_EACH.multipliedBy(NodeCounts.of(vertx).connections());
        Duration longest = config.drain().within().dividedBy(3);
        return wanted.compareTo(longest) < 0 ? wanted : longest;
    }

    /** Where clients connect over WebSocket, once deployed. */
    int port() {
        return webSocket == null ? 0 : webSocket.number();
    }

    /** Where they connect over TCP. */
    int tcpPort() {
        return tcp == null ? 0 : tcp.number();
    }

    /** Short enough for the shortest of the waits that it ends. */
    private Duration tickInterval() {
        HeraldConfig.Ws ws = config.ws();
        Duration shortest = Collections.min(List.of(
                MAX_TICK,
                ws.idleTimeout().dividedBy(4),
                ws.pingAfter().dividedBy(4),
                ws.pongTimeout().dividedBy(4),
                ws.handshakeTimeout().dividedBy(4),
                config.messages().redeliveryAfter().dividedBy(4),
                config.commands().redeliveryAfter().dividedBy(4)));
        return Duration.ofMillis(Math.max(1, shortest.toMillis()));
    }

    private void push(Pushes pushes) {
        pushes.list().forEach(this::push);
    }

    private void push(Push push) {
        if (Expiry.isOver(push.delivery().timestampSeconds(), push.delivery().expireSeconds())) {
            return;
        }
        RecvForms forms = new RecvForms(push.delivery());
        int receivers = 0;
        for (Session session : sessions.of(push.uids())) {
            boolean wasThere = !push.late() || session.wasThere(push.delivery().timestampSeconds());
            if (wasThere && session.info().id() != push.skipSession()) {
                session.push(forms.of(session.info().uid()));
                receivers++;
            }
        }
        if (receivers > 0) {
            trail.pushed(push.delivery().messageId(), receivers);
        }
    }

    private void tell(PushEvent told) {
        Frame.Event event = new Frame.Event(told.id(), told.type(), told.timestampMillis(), Payload.of(told.data()));
        sessions.of(told.uids()).forEach(session -> session.tell(event));
    }

    private void wake(Wake wake) {
        for (Place place : wake.places()) {
            for (Session session : sessions.of(place.uid())) {
                session.wake(wake.command(), place.seq());
            }
        }
    }

    private void kick(CloseSessions close) {
        for (long id : close.ids()) {
            sessions.byId(id).ifPresent(session -> session.kick(close.silent(), close.text()));
        }
    }

    private void report() {
        bus.tell(
                Addresses.SESSIONS_LIVE,
                new LiveSessions(sessions.all().stream()
                        .filter(session -> !session.isFenced())
                        .map(Session::info)
                        .toList()));
    }

    private Periodic every(String name, Duration interval, Runnable task) {
        return Periodic.start(vertx, name, interval, () -> {
            task.run();
            return Future.succeededFuture();
        });
    }

    private void tick() {
        if (memory != null) {
            memory.look();
        }
        connections.tick();
    }

    private Future<Void> release() {
        List<Future<Void>> released = new ArrayList<>();
        timers.forEach(timer -> released.add(timer.stop()));
        if (activities != null) {
            activities.tell();
        }
        if (watching != null) {
            released.add(watching.stop());
        }
        if (instances != null) {
            instances.remove(sessions);
            Trails.of(vertx).remove(trail);
        }
        consumers.forEach(consumer -> released.add(consumer.unregister()));
        if (jwt != null) {
            released.add(jwt.stop());
        }
        if (meters != null) {
            meters.close();
        }
        if (webSocket != null) {
            released.add(webSocket.close());
        }
        if (tcp != null) {
            released.add(tcp.close());
        }
        return Future.join(released).mapEmpty();
    }
}
