package dev.herald.fanout.walk;

import dev.herald.bus.message.PresenceMessage.SessionInfo;
import java.util.Arrays;
import java.util.List;

/**
 * What an append answers.
 *
 * @param seq where the command stands; 0 if it is nowhere, since a newer one with its coalescing key is there
 * @param length entries of the list, with this one; 0 for a repeat
 * @param dropped entries that coalescing has dropped
 * @param lastResync sequence of the last resync if the list is too long, else {@link #NOT_TOO_LONG}
 * @param incarnations of the nodes that hold sessions of the user
 */
record Appended(long seq, long length, long dropped, long lastResync, List<Long> incarnations) {
    private static final long NOT_TOO_LONG = -1;
    private static final int NUMBERS = 4;

    static Appended parse(String text) {
        String[] parts = text.split(" ", -1);
        return new Appended(
                Long.parseLong(parts[0]),
                Long.parseLong(parts[1]),
                Long.parseLong(parts[2]),
                Long.parseLong(parts[3]),
                Arrays.stream(parts)
                        .skip(NUMBERS)
                        .map(id -> SessionInfo.incarnationOf(Long.parseLong(id)))
                        .distinct()
                        .toList());
    }

    boolean isTooLong() {
        return lastResync != NOT_TOO_LONG;
    }
}
