package dev.herald.presence.node;

/** The Redis keys of one node, by the name under which it holds a lease: its incarnation, and how many leases it has had. */
public final class NodeKeys {
    /** Set of the nodes that may have sessions, or edges that are not recorded. */
    public static final String NODES = "nodes";

    private NodeKeys() {}

    /** Set of uids: every user with a session on the node, or with an edge of its making to record; harmless others. */
    public static String users(String node) {
        return key(node, "users");
    }

    /** Lives as long as the node answers for its users: {@code ready}, or not yet. */
    public static String lease(String node) {
        return key(node, "lease");
    }

    public static long incarnation(String node) {
        return Long.parseLong(node.substring(0, node.indexOf('.')));
    }

    private static String key(String node, String part) {
        return "{n:" + node + "}:" + part;
    }
}
