package dev.herald.presence;

/** The Redis keys of one node, by its incarnation. */
final class NodeKeys {
    /** Set of the incarnations that may have sessions. */
    static final String NODES = "nodes";

    private NodeKeys() {}

    /** Set of uids: every user with a session on the node, and harmless others. */
    static String users(long incarnation) {
        return key(incarnation, "users");
    }

    /** Lives as long as the node answers for its users. */
    static String lease(long incarnation) {
        return key(incarnation, "lease");
    }

    /** Held by whoever cleans up after the node; only to save work, two cleaners do no harm. */
    static String cleaner(long incarnation) {
        return key(incarnation, "cleaner");
    }

    private static String key(long incarnation, String part) {
        return "{n:" + incarnation + "}:" + part;
    }
}
