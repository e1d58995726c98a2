package dev.herald.socket;

import dev.herald.socket.transport.Transport;
import dev.herald.wire.WireException;

/**
 * What one client has sent that is not done with: frames that are not whole yet, and messages whose SEND is not answered.
 * Little of it counts for its connection alone; more counts for the node, which could not hold the longest frame of
 * every client that it has a place for.
 */
final class Intake {
    /** Bytes that are little, and all that a CONNECT may have: uid, token (8,192 at most), key and device id take less. */
    static final int LITTLE = Transport.UNNOTICED;

    private final NodeCounts counts;
    private final Memory memory;
    private int counted;

    Intake(NodeCounts counts, Memory memory) {
        this.counts = counts;
        this.memory = memory;
    }

    /**
     * Counts what the connection holds now.
     *
     * @param greeting true if nothing but a CONNECT may come
     * @return false if it holds more than before and the node holds too much
     * @throws WireException if it is more than a CONNECT may have
     */
    boolean holds(int bytes, boolean greeting) {
        int before = counted;
        counted = bytes > LITTLE ? bytes : 0;
        if (counted != before) {
            counts.intakeBytes.add(counted - before);
        }
        if (isMuch() && greeting) {
            throw new WireException(bytes + " bytes came and no CONNECT, the limit is " + LITTLE);
        }
        return counted <= before || !memory.isFullOfIntake();
    }

    boolean isMuch() {
        return counted > 0;
    }

    /** The connection is closed and holds nothing more. */
    void release() {
        counts.intakeBytes.add(-counted);
        counted = 0;
    }
}
