package dev.herald.socket;

import dev.herald.bus.Bus;
import dev.herald.config.HeraldConfig;
import dev.herald.lifecycle.InFlight;
import dev.herald.presencelog.WatchLists.WatchList;
import dev.herald.socket.delivery.Deliveries;
import dev.herald.socket.send.Sends;
import dev.herald.socket.watch.Watching;
import dev.herald.trail.Trail;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;

/**
 * What the connections of one instance share.
 *
 * @param openings the sessions that the registry is being told of: a drain waits for them
 * @param admission of the whole node
 * @param turn of the event loop that all of them live on
 * @param counts of the whole node
 */
record SocketContext(
        Vertx vertx,
        HeraldConfig config,
        Bus bus,
        Handshake handshake,
        Protocols protocols,
        Sessions sessions,
        InFlight openings,
        Admission admission,
        Sends sends,
        Deliveries deliveries,
        Watching watching,
        Trail trail,
        Turn turn,
        NodeCounts counts,
        SocketMeters meters) {
    static SocketContext of(
            Vertx vertx,
            HeraldConfig config,
            Bus bus,
            long incarnation,
            Login.Register register,
            Function<Map<String, Long>, Future<Map<String, WatchList>>> changedLists,
            MeterRegistry registry) {
        NodeCounts counts = NodeCounts.of(vertx);
        Admission admission = Admission.of(vertx, config.ws(), counts);
        Trail trail = new Trail();
        Duration lookInterval = Sends.activityInterval(config.presence().activeWithin());
        return new SocketContext(
                vertx,
                config,
                bus,
                new Handshake(vertx, config.client(), register, incarnation, admission, counts, registry),
                new Protocols(config.ws().maxFrameBytes(), new SecureRandom()),
                new Sessions(NodeUsers.of(vertx)),
                new InFlight(config.ws().maxConnections()),
                admission,
                new Sends(vertx, bus, config, trail, registry),
                new Deliveries(vertx, bus, config, trail, registry),
                new Watching(vertx, bus, changedLists, config.presence(), lookInterval, registry),
                trail,
                new Turn(vertx),
                counts,
                new SocketMeters(registry, counts));
    }
}
