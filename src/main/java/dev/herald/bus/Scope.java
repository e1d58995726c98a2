package dev.herald.bus;

/** Who hears what is published to an address. */
public enum Scope {
    /** The verticles of this process. */
    LOCAL,
    /** The verticles of one node, this one or another: {@link Bus#toNode}. */
    NODE,
    /** The verticles of every node. */
    CLUSTER
}
