package dev.herald.messaging.delivery;

import dev.herald.messaging.delivery.Sequencer.Item;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The messages of one channel that wait for some before them; never empty while somebody waits for it. */
final class Gap<T> {
    /** By sequence; one that has none stands behind the one that it came after. */
    private final TreeMap<Long, List<Item<T>>> items = new TreeMap<>();

    final long channel;

    /** When the first of them came, or the log last gave something, in the time in which it answers. */
    long since;

    /** When the log is asked. */
    long due;

    boolean reading;

    Gap(long channel, long since, long due) {
        this.channel = channel;
        this.since = since;
        this.due = due;
    }

    /** @return false if it was here already */
    boolean add(Item<T> item) {
        if (item.seq() == 0) {
            items.lastEntry().getValue().add(item);
            return true;
        }
        return items.putIfAbsent(item.seq(), new ArrayList<>(List.of(item))) == null;
    }

    boolean isEmpty() {
        return items.isEmpty();
    }

    Item<T> first() {
        return items.firstEntry().getValue().getFirst();
    }

    Item<T> last() {
        return items.lastEntry().getValue().getFirst();
    }

    /** Removes those up to a sequence, with what came after them. */
    List<Item<T>> take(long upTo) {
        Map<Long, List<Item<T>>> head = items.headMap(upTo, true);
        List<Item<T>> taken = head.values().stream().flatMap(List::stream).toList();
        head.clear();
        return taken;
    }
}
