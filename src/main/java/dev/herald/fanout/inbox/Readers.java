package dev.herald.fanout.inbox;

/** Who reads an inbox: each device by its flag, and pulls that name none. Each has a cursor, a field of the hash beside the list. */
public final class Readers {
    /** Stands for the pull cursor where a device flag is meant otherwise. */
    public static final int PULL_FLAG = -1;

    /** Stands for nobody: only the tail of the inbox is known. */
    public static final int NO_READER = -2;

    private static final String PULL = "pull";

    private Readers() {}

    /** The field of a reader's cursor. */
    public static String field(int flag) {
        return flag == PULL_FLAG ? PULL : "d" + flag;
    }

    /** The field that says that the reader lacks something and has not acknowledged since. */
    public static String freshMark(int flag) {
        return "new:" + field(flag);
    }

    /** Whose cursor a field is. */
    static int flag(String field) {
        return field.equals(PULL) ? PULL_FLAG : Integer.parseInt(field.substring(1));
    }
}
