package dev.herald.webhook;

import java.util.List;

/**
 * Events of one type and one lane that go out in one request, again and again until it succeeds.
 *
 * @param after the lane's cursor: the events follow it
 * @param attempts failed so far
 * @param events none only if those of an earlier attempt are gone from the log
 */
record Batch(int lane, Position after, int attempts, List<LoggedEvent> events) {
    Batch {
        events = List.copyOf(events);
    }

    String type() {
        return events.getFirst().type();
    }

    Position end() {
        return events.isEmpty() ? after : events.getLast().at();
    }

    /** The same for every attempt, on whichever node. */
    String id() {
        return "evt_" + base36(events.getFirst()) + "_" + base36(events.getLast());
    }

    private static String base36(LoggedEvent event) {
        return Long.toString(event.at().id(), Character.MAX_RADIX);
    }
}
