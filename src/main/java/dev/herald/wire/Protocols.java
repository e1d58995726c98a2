package dev.herald.wire;

import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Makes the protocol that a connection's first bytes speak (wukong-interfaces section 2.1), for the connections of one
 * thread.
 */
public final class Protocols {
    private final int maxFrameBytes;
    private final RandomGenerator random;
    private final SharedRecv shared = new SharedRecv();

    /**
     * @param maxFrameBytes bound of one frame or JSON object
     * @param random source of keys; it must be unpredictable
     */
    public Protocols(int maxFrameBytes, RandomGenerator random) {
        this.maxFrameBytes = maxFrameBytes;
        this.random = random;
    }

    /**
     * The protocol to read these bytes with, or nothing while only blanks have come: they may be dropped, for in JSON they
     * mean nothing and no binary frame begins with one.
     */
    public Optional<Protocol> detect(byte[] first) {
        for (byte b : first) {
            if (!isBlank(b)) {
                return Optional.of(isJson(b) ? new JsonRpcProtocol(maxFrameBytes, shared) : binary());
            }
        }
        return Optional.empty();
    }

    static boolean isBlank(int b) {
        return b == ' ' || b == '\t' || b == '\r' || b == '\n';
    }

    /** An array is no message, but it is JSON-RPC that says so. */
    private static boolean isJson(byte b) {
        return b == '{' || b == '[';
    }

    private Protocol binary() {
        return new BinaryProtocol(maxFrameBytes, random, shared);
    }
}
