package dev.herald.eventlog;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in the event log, in the order of its readers: by transaction, then by id. Everything before it was read.
 *
 * @param id 0: nothing of the transaction was read
 */
public record Position(long txid, long id) implements Comparable<Position> {
    private static final Comparator<Position> ORDER =
            Comparator.comparingLong(Position::txid).thenComparingLong(Position::id);

    private static final int RADIX = 36;
    private static final Pattern TEXT = Pattern.compile("([0-9a-z]{1,12})-([0-9a-z]{1,12})");

    /** Longest text that is a cursor, in bytes. */
    public static final int MAX_TEXT = 25;

    /** The cursor that callers are handed, and must not look into. */
    public String text() {
        return Long.toString(txid, RADIX) + "-" + Long.toString(id, RADIX);
    }

    /** The place that a cursor names, also one of the form that {@code GET /events} gave before: 16 bytes in base64. */
    public static Optional<Position> parse(String cursor) {
        Matcher parts = TEXT.matcher(cursor);
        if (parts.matches()) {
            return Optional.of(
                    new Position(Long.parseLong(parts.group(1), RADIX), Long.parseLong(parts.group(2), RADIX)));
        }
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(cursor));
            return bytes.remaining() == 2 * Long.BYTES
                    ? Optional.of(new Position(bytes.getLong(), bytes.getLong()))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Override
    public int compareTo(Position other) {
        return ORDER.compare(this, other);
    }
}
