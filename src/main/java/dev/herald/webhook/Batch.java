package dev.herald.webhook;

import dev.herald.eventlog.LoggedEvent;
import dev.herald.eventlog.Position;
import java.util.List;

/**
 * Events of one lane that go out in one request, again and again until it succeeds.
 *
 * @param after the lane's cursor: the events follow it
 * @param attempts failed so far
 */
record Batch(LaneKey lane, Position after, int attempts, List<LoggedEvent> events) {
    Batch {
        events = List.copyOf(events);
    }

    int size() {
        return events.size();
    }

    String type() {
        return events.getFirst().type();
    }

    Position end() {
        return events.getLast().at();
    }

    Batch first(int count) {
        return count == size() ? this : new Batch(lane, after, attempts, events.subList(0, count));
    }

    /** The same for every attempt, on whichever node; of a single event it is the event's own. */
    String id() {
        String first = events.getFirst().id();
        return size() == 1 ? first : first + "_" + Long.toString(end().id(), Character.MAX_RADIX);
    }
}
