package dev.herald.socket;

import dev.herald.bus.Bus;
import dev.herald.config.HeraldConfig;
import dev.herald.lifecycle.InFlight;
import dev.herald.trail.Trail;
import dev.herald.wire.Protocols;
import io.vertx.core.Vertx;

/**
 * What the connections of one instance share.
 *
 * @param config of the connections, the messages that come over them, and the commands that they are fed with
 * @param activities that presence is told of
 * @param turn of the event loop that all of them live on
 * @param acks of their devices
 * @param watching whom their clients watch
 * @param openings the sessions that the registry is being told of: a drain waits for them
 * @param admission of the whole node
 * @param logins of this instance
 */
record SocketContext(
        Vertx vertx,
        HeraldConfig.Ws config,
        HeraldConfig.Messages messages,
        HeraldConfig.Commands commands,
        Bus bus,
        Login login,
        Protocols protocols,
        Sessions sessions,
        InFlight openings,
        Admission admission,
        Logins logins,
        Activities activities,
        Watching watching,
        Trail trail,
        Turn turn,
        Acks acks,
        NodeCounts counts,
        SocketMeters meters,
        long incarnation) {

    /** Milliseconds of a clock that never steps. */
    static long now() {
        return System.nanoTime() / 1_000_000;
    }
}
