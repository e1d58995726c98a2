package dev.herald.wire;

import dev.herald.model.Delivery.Header;

/** The low four bits of a frame's first byte (wukong-interfaces section 1.2); what clients say of DUP has no effect. */
final class Flags {
    /** In CONNACK only. */
    static final int HAS_SERVER_VERSION = 1;

    private static final int DUP = 8;

    private Flags() {}

    static int of(Header header) {
        return header.bits();
    }

    static int of(Frame.Recv recv) {
        return of(recv.header()) | (recv.dup() ? DUP : 0);
    }

    static boolean isDup(int flags) {
        return (flags & DUP) != 0;
    }

    static Header header(int flags) {
        return Header.ofBits(flags);
    }
}
