package dev.herald.redis;

/**
 * The Redis keys of one user: all share the user's hash tag, so that one script may touch several in cluster mode too.
 * The tag begins with {@code u:} because an empty tag, as of a uid that starts with a brace, would be none.
 */
public final class UserKeys {
    private static final String PREFIX = "{u:";

    private UserKeys() {}

    /** List of pointers to commands, oldest first. */
    public static String inbox(String uid) {
        return key(uid, "inbox");
    }

    /** Hash: {@code seq} of the newest entry, {@code top} command id, a cursor per known device and for {@code pull}. */
    public static String cursors(String uid) {
        return key(uid, "cursors");
    }

    /** Hash of the live sessions: session id to its data. */
    public static String sessions(String uid) {
        return key(uid, "sessions");
    }

    /** Hash: the {@code version} of the user's presence, and the devices that were told to be online. */
    public static String presence(String uid) {
        return key(uid, "presence");
    }

    /** Sorted set of the edges that may not be in the event log yet, by version. */
    public static String edges(String uid) {
        return key(uid, "edges");
    }

    /** The last answer to a change of the user's sessions that a node must not lose. */
    public static String told(String uid, long incarnation) {
        return key(uid, "told:" + incarnation);
    }

    /** Matches the sessions and edges of all users, of whom no others are connected or have something to be recorded. */
    public static final String SESSIONS_AND_EDGES = PREFIX + "*}:[se]*";

    public static String uidOf(String key) {
        return key.substring(PREFIX.length(), key.lastIndexOf("}:"));
    }

    /** When the user last did something, in milliseconds; gone when that is too long ago. */
    public static String active(String uid) {
        return key(uid, "active");
    }

    /** Set of ids of sessions that were ended from another node than theirs. */
    public static String gone(String uid) {
        return key(uid, "gone");
    }

    private static String key(String uid, String part) {
        return PREFIX + uid + "}:" + part;
    }
}
