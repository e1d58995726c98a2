package dev.herald.command;

/**
 * What the source log holds as client_msg_no where the sender's number alone does not tell a repeat: one announcement may
 * be sent in parts, under one number, to other receivers each time. Nobody outside is shown more than the number.
 */
public final class CommandNumber {
    /** No number that a client sends ends in this and so many hexadecimal digits. */
    private static final char MARK = '\n';

    /** Characters of the hash of the receivers. */
    public static final int HASH_LENGTH = 32;

    private CommandNumber() {}

    /** @param receivers a hash of them, of {@link #HASH_LENGTH} hexadecimal digits */
    public static String of(String number, String receivers) {
        return number + MARK + receivers;
    }

    /** The sender's number. */
    public static String shown(String stored) {
        int end = stored.length() - HASH_LENGTH - 1;
        return end >= 0 && stored.charAt(end) == MARK ? stored.substring(0, end) : stored;
    }
}
