package dev.herald.socket;

import dev.herald.config.HeraldConfig;
import dev.herald.lifecycle.Periodic;
import dev.herald.socket.send.Sends;
import dev.herald.socket.transport.ClientPort;
import dev.herald.trail.Trails;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One instance at work: its ports, what came in by them, the timers that look after it, and how all of it ends. */
final class Sockets {
    private static final Logger log = LoggerFactory.getLogger(Sockets.class);

    /** As long as a node that may have something for clients here does not reach this one. */
    private static final Duration CUT_SWEEP_INTERVAL = Duration.ofSeconds(5);

    private static final Duration MAX_TICK = Duration.ofSeconds(1);

    /** Five hundred a second: the other nodes let in as many while they go on with their work. */
    private static final Duration DRAIN_EACH = Duration.ofMillis(2);

    private final SocketContext context;
    private final Connections connections;
    private final ClientPort webSocket;
    private final ClientPort tcp;
    private final NodeInstances instances;
    private final Dispatch dispatch;
    private final List<Periodic> timers;

    /**
     * @param loop that all of it lives on
     * @param sweepInterval mean time between two sweeps of one session
     */
    Sockets(SocketContext context, Context loop, Duration sweepInterval) {
        HeraldConfig config = context.config();
        this.context = context;
        this.connections = new Connections(
                context, () -> context.bus().unreachable().isEmpty() ? sweepInterval : CUT_SWEEP_INTERVAL);
        this.webSocket = ClientPort.webSocket(context.vertx(), config, connections);
        this.tcp = ClientPort.tcp(context.vertx(), config, connections);
        this.instances = NodeInstances.of(context.vertx());
        instances.add(context.sessions(), loop);
        Trails.of(context.vertx()).add(context.trail(), loop);
        this.dispatch = new Dispatch(context, instances);
        this.timers = List.of(
                every("sockets", tickInterval(config), this::tick),
                every(
                        "activities",
                        Sends.activityInterval(config.presence().activeWithin()),
                        context.sends()::tellActivities));
    }

    Future<?> open() {
        return dispatch.ready().compose(v -> Future.all(webSocket.open(), tcp.open()));
    }

    int port() {
        return webSocket.number();
    }

    int tcpPort() {
        return tcp.number();
    }

    /** Tells the registry of every end, closes every socket with "come back", and only then the ports. */
    Future<Void> close() {
        Duration window = drainWindow();
        return connections
                .drain(window)
                .compose(v -> context.openings().drain())
                .timeout(window.plus(Connection.CLOSING.multipliedBy(2)).toMillis(), TimeUnit.MILLISECONDS)
                .onFailure(cause -> log.warn("sockets were left open: {}", cause.getMessage()))
                .otherwiseEmpty()
                .eventually(this::release);
    }

    private Future<Void> release() {
        context.sends().tellActivities();
        context.meters().close();
        instances.remove(context.sessions());
        Trails.of(context.vertx()).remove(context.trail());
        List<Future<?>> released = new ArrayList<>();
        timers.forEach(timer -> released.add(timer.stop()));
        released.add(context.watching().stop());
        released.add(dispatch.stop());
        released.add(context.handshake().stop());
        released.add(webSocket.close());
        released.add(tcp.close());
        return Future.join(released).mapEmpty();
    }

    /** The same on all instances, so that together they close at that pace. */
    private Duration drainWindow() {
        Duration wanted = DRAIN_EACH.multipliedBy(context.counts().connections());
        Duration longest = context.config().drain().within().dividedBy(3);
        return wanted.compareTo(longest) < 0 ? wanted : longest;
    }

    private void tick() {
        context.admission().memory().look();
        connections.tick();
    }

    private Periodic every(String name, Duration interval, Runnable task) {
        return Periodic.start(context.vertx(), name, interval, () -> {
            task.run();
            return Future.succeededFuture();
        });
    }

    /** Short enough for the shortest of the waits that a tick ends. */
    private static Duration tickInterval(HeraldConfig config) {
        HeraldConfig.Ws ws = config.ws();
        Duration shortest = Collections.min(List.of(
                ws.idleTimeout(),
                ws.pingAfter(),
                ws.pongTimeout(),
                ws.handshakeTimeout(),
                config.messages().redeliveryAfter(),
                config.commands().redeliveryAfter(),
                MAX_TICK.multipliedBy(4)));
        return Duration.ofMillis(Math.max(1, shortest.dividedBy(4).toMillis()));
    }
}
