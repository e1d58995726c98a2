package dev.herald.webhook.lane;

import dev.herald.eventlog.EventType;
import dev.herald.eventlog.LoggedEvent;
import dev.herald.eventlog.Position;
import dev.herald.model.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Events of one lane that go out in one request, again and again until it succeeds.
 *
 * @param after the lane's cursor: the events follow it
 * @param attempts failed so far
 */
public record Batch(LaneKey lane, Position after, int attempts, List<LoggedEvent> events) {
    private static final int ID_BYTES = 8;

    public Batch {
        events = List.copyOf(events);
    }

    /** True if WuKongIM's form has no array of it. */
    public static boolean isAlone(String type) {
        return type.equals(EventType.MESSAGE_OFFLINE.value());
    }

    public int size() {
        return events.size();
    }

    public String type() {
        return events.getFirst().type();
    }

    public Position end() {
        return events.getLast().at();
    }

    public Batch first(int count) {
        return count == size() ? this : new Batch(lane, after, attempts, events.subList(0, count));
    }

    /**
     * The same for every attempt, on whichever node; of a single event it is the event's own. Of several it is made of them
     * all: should a batch ever hold others than before, it is another one to its receiver.
     */
    public String id() {
        String first = events.getFirst().id();
        if (size() == 1) {
            return first;
        }
        String all = events.stream().map(LoggedEvent::id).collect(Collectors.joining(","));
        byte[] hash = Sha256.of(all.getBytes(StandardCharsets.UTF_8));
        return first + "_" + HexFormat.of().formatHex(hash, 0, ID_BYTES);
    }
}
