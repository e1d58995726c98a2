package dev.herald.socket;

import dev.herald.bus.Bus;
import dev.herald.config.HeraldConfig;
import dev.herald.device.Standings;
import dev.herald.postgres.PgClients;
import dev.herald.presencelog.WatchLists;
import dev.herald.presencelog.WatchLists.WatchList;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The clients: each instance owns the connections that its event loop accepted, and all share the ports. */
public final class SocketVerticle extends VerticleBase {
    private static final Duration SWEEP_INTERVAL = Duration.ofSeconds(30);

    private final HeraldConfig config;
    private final Bus bus;
    private final Login.Register register;
    private final Function<Map<String, Long>, Future<Map<String, WatchList>>> changedLists;
    private final long incarnation;
    private final Duration sweepInterval;
    private final MeterRegistry registry;

    private @Nullable Sockets sockets;

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
        this.changedLists = changedLists;
        this.incarnation = incarnation;
        this.sweepInterval = sweepInterval;
        this.registry = registry;
    }

    @Override
    public Future<?> start() {
        SocketContext shared = SocketContext.of(vertx, config, bus, incarnation, register, changedLists, registry);
        Sockets made = new Sockets(shared, context, sweepInterval);
        sockets = made;
        return made.open();
    }

    @Override
    public Future<?> stop() {
        return sockets == null ? Future.succeededFuture() : sockets.close();
    }

    /** Where clients connect over WebSocket, once deployed. */
    int port() {
        return Objects.requireNonNull(sockets, "not started").port();
    }

    /** Where they connect over TCP. */
    int tcpPort() {
        return Objects.requireNonNull(sockets, "not started").tcpPort();
    }
}
