package dev.herald.wire;

/** How far a connection has come. */
public enum Stage {
    NEW,
    /** CONNECT was read and is not answered. */
    ASKED,
    OPEN
}
