package dev.herald.presencelog;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in the feed of presence: everything before it was read, in the order of transaction and id.
 *
 * @param id 0: nothing of the transaction was read
 */
public record FeedCursor(long txid, long id) implements Comparable<FeedCursor> {
    private static final int RADIX = 36;
    private static final Pattern TEXT = Pattern.compile("([0-9a-z]{1,12})-([0-9a-z]{1,12})");

    /** What readers are handed, and must not look into. */
    public String text() {
        return Long.toString(txid, RADIX) + "-" + Long.toString(id, RADIX);
    }

    public static Optional<FeedCursor> parse(String text) {
        Matcher parts = TEXT.matcher(text);
        return parts.matches()
                ? Optional.of(
                        new FeedCursor(Long.parseLong(parts.group(1), RADIX), Long.parseLong(parts.group(2), RADIX)))
                : Optional.empty();
    }

    @Override
    public int compareTo(FeedCursor other) {
        return txid != other.txid ? Long.compare(txid, other.txid) : Long.compare(id, other.id);
    }
}
