package dev.herald.socket;

import dev.herald.bus.Bus;
import dev.herald.config.HeraldConfig;
import dev.herald.lifecycle.InFlight;
import dev.herald.wire.Protocols;

/**
 * What the connections of one instance share.
 *
 * @param commandWindow commands a device is sent ahead of its acknowledgements
 * @param openings the sessions that the registry is being told of: a drain waits for them
 */
record SocketContext(
        HeraldConfig.Ws config,
        int commandWindow,
        Bus bus,
        Login login,
        Protocols protocols,
        Sessions sessions,
        InFlight openings,
        NodeCounts counts,
        long incarnation) {

    /** Milliseconds of a clock that never steps. */
    static long now() {
        return System.nanoTime() / 1_000_000;
    }
}
