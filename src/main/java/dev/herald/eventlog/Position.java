package dev.herald.eventlog;

import java.util.Comparator;

/** A place in the event log, in the order of its readers: by transaction, then by id. */
public record Position(long txid, long id) implements Comparable<Position> {
    private static final Comparator<Position> ORDER =
            Comparator.comparingLong(Position::txid).thenComparingLong(Position::id);

    @Override
    public int compareTo(Position other) {
        return ORDER.compare(this, other);
    }
}
