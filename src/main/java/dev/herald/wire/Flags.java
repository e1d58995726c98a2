package dev.herald.wire;

import dev.herald.model.Delivery.Header;

/** The low four bits of a frame's first byte (wukong-interfaces section 1.2); what clients say of DUP has no effect. */
final class Flags {
    /** In CONNACK only. */
    static final int HAS_SERVER_VERSION = 1;

    private static final int NO_PERSIST = 1;
    private static final int RED_DOT = 2;
    private static final int SYNC_ONCE = 4;
    private static final int DUP = 8;

    private Flags() {}

    static int of(Header header) {
        return (header.noPersist() ? NO_PERSIST : 0)
                | (header.redDot() ? RED_DOT : 0)
                | (header.syncOnce() ? SYNC_ONCE : 0);
    }

    static int of(Frame.Recv recv) {
        return of(recv.header()) | (recv.dup() ? DUP : 0);
    }

    static boolean isDup(int flags) {
        return (flags & DUP) != 0;
    }

    static Header header(int flags) {
        return new Header((flags & NO_PERSIST) != 0, (flags & RED_DOT) != 0, (flags & SYNC_ONCE) != 0);
    }
}
