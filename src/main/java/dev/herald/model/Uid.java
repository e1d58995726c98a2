package dev.herald.model;

import java.nio.charset.StandardCharsets;

/** The rules that a uid must keep; uids stay plain strings, since every store and protocol holds them so. */
public final class Uid {
    /** Longest uid, in UTF-8 bytes: it becomes part of index keys and Redis keys. */
    public static final int MAX_BYTES = 255;

    /** The account that back ends send as when they name no sender (wukong-interfaces section 3.4). */
    public static final String SYSTEM = "____system";

    private Uid() {}

    /** Why a uid is refused, or "" if it is good. */
    public static String problem(String uid) {
        if (uid.isBlank()) {
            return "must not be blank";
        }
        if (uid.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            return "must not be longer than " + MAX_BYTES + " bytes";
        }
        for (int i = 0; i < uid.length(); i++) {
            char c = uid.charAt(i);
            if (c == '@' || c == '#' || c == '&' || c < ' ' || (Character.isSurrogate(c) && !isPaired(uid, i))) {
                return "must not contain '@', '#', '&' or control characters";
            }
        }
        return "";
    }

    /** How clients and back ends are told a uid: the system account has no name towards them. */
    public static String shown(String uid) {
        return uid.equals(SYSTEM) ? "" : uid;
    }

    private static boolean isPaired(String text, int index) {
        return Character.isHighSurrogate(text.charAt(index))
                ? index + 1 < text.length() && Character.isLowSurrogate(text.charAt(index + 1))
                : index > 0 && Character.isHighSurrogate(text.charAt(index - 1));
    }
}
