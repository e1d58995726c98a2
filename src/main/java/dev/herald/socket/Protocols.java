package dev.herald.socket;

import dev.herald.wire.Protocol;
import dev.herald.wire.binary.BinaryProtocol;
import dev.herald.wire.binary.SharedRecv;
import dev.herald.wire.json.JsonRpcProtocol;
import dev.herald.wire.json.SharedNotification;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Makes the protocol that a connection's first bytes speak (wukong-interfaces section 2.1), for the connections of one
 * thread.
 */
final class Protocols {
    private final int maxFrameBytes;
    private final RandomGenerator random;
    private final SharedRecv shared = new SharedRecv();
    private final SharedNotification notification = new SharedNotification();

    /**
     * @param maxFrameBytes bound of one frame or JSON object
     * @param random source of keys; it must be unpredictable
     */
    Protocols(int maxFrameBytes, RandomGenerator random) {
        this.maxFrameBytes = maxFrameBytes;
        this.random = random;
    }

    /**
     * The protocol to read these bytes with, or nothing while only blanks have come: they may be dropped, for in JSON
     * they mean nothing and no binary frame begins with one.
     */
    Optional<Protocol> detect(byte[] first) {
        for (byte b : first) {
            if (!JsonRpcProtocol.isBlank(b)) {
                return Optional.of(
                        isJson(b)
                                ? new JsonRpcProtocol(maxFrameBytes, notification)
                                : new BinaryProtocol(maxFrameBytes, random, shared));
            }
        }
        return Optional.empty();
    }

    /** An array is no message, but it is JSON-RPC that says so. */
    private static boolean isJson(byte b) {
        return b == '{' || b == '[';
    }
}
