package dev.herald.socket;

import dev.herald.bus.Bus;
import dev.herald.config.HeraldConfig;
import dev.herald.lifecycle.InFlight;
import dev.herald.trail.Trail;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import java.security.SecureRandom;

/**
 * What the connections of one instance share.
 *
 * @param incarnation of this process: session ids begin with it
 * @param openings the sessions that the registry is being told of: a drain waits for them
 * @param admission of the whole node
 * @param activities that presence is told of
 * @param watching whom their clients watch
 * @param turn of the event loop that all of them live on
 * @param acks of their devices
 * @param counts of the whole node
 */
record SocketContext(
        Vertx vertx,
        HeraldConfig config,
        Bus bus,
        long incarnation,
        Login login,
        Logins logins,
        Protocols protocols,
        Sessions sessions,
        InFlight openings,
        Admission admission,
        Activities activities,
        Watching watching,
        Trail trail,
        Turn turn,
        Acks acks,
        NodeCounts counts,
        SocketMeters meters) {
    static SocketContext of(
            Vertx vertx,
            HeraldConfig config,
            Bus bus,
            long incarnation,
            Login.Register register,
            ListReads lists,
            MeterRegistry registry) {
        NodeCounts counts = NodeCounts.of(vertx);
        SocketMeters meters = new SocketMeters(registry, counts);
        return new SocketContext(
                vertx,
                config,
                bus,
                incarnation,
                new Login(vertx, config.client(), register, registry),
                new Logins(),
                new Protocols(config.ws().maxFrameBytes(), new SecureRandom()),
                new Sessions(NodeUsers.of(vertx)),
                new InFlight(config.ws().maxConnections()),
                Admission.of(vertx, config.ws(), counts),
                new Activities(bus, meters),
                new Watching(vertx, bus, lists, config.presence(), meters),
                new Trail(),
                new Turn(vertx, bus),
                new Acks(vertx, bus),
                counts,
                meters);
    }

    /** Milliseconds of a clock that never steps. */
    static long now() {
        return System.nanoTime() / 1_000_000;
    }
}
