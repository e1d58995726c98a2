package dev.herald.wire.binary;

import dev.herald.wire.Frame;

/** The low four bits of a frame's first byte (wukong-interfaces section 1.2): three are a header's; of DUP clients say nothing. */
final class Flags {
    /** In CONNACK only. */
    static final int HAS_SERVER_VERSION = 1;

    static final int DUP = 8;

    private Flags() {}

    static int of(Frame.Recv recv) {
        return recv.header().bits() | (recv.dup() ? DUP : 0);
    }
}
