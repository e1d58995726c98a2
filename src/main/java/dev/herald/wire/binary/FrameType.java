package dev.herald.wire.binary;

/** Types of the binary protocol's frames (wukong-interfaces section 1.2). */
final class FrameType {
    static final int CONNECT = 1;
    static final int CONNACK = 2;
    static final int SEND = 3;
    static final int SENDACK = 4;
    static final int RECV = 5;
    static final int RECVACK = 6;
    static final int PING = 7;
    static final int PONG = 8;
    static final int DISCONNECT = 9;

    /** The last type that any client knows; 10 to 12 are SUB, SUBACK and EVENT. */
    static final int EVENT = 12;

    private FrameType() {}
}
