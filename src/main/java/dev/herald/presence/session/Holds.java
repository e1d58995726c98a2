package dev.herald.presence.session;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * The users whose offline is held, by the time at which somebody has to look again: only a reminder, since what is held
 * stands in the registry.
 */
final class Holds {
    private final LongSupplier nanoTime;
    private final TreeMap<Long, List<String>> byTime = new TreeMap<>();
    private final Map<String, Long> timeOf = new HashMap<>();

    Holds(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** @param waitMs until then; a further call replaces it */
    void watch(String uid, long waitMs) {
        long at = nanoTime.getAsLong() / 1_000_000 + waitMs + 1;
        timeOf.put(uid, at);
        byTime.computeIfAbsent(at, time -> new ArrayList<>(1)).add(uid);
    }

    void forget(String uid) {
        timeOf.remove(uid);
    }

    boolean watches(String uid) {
        return timeOf.containsKey(uid);
    }

    int size() {
        return timeOf.size();
    }

    /** Those whose time has come, up to so many of them; each is watched until it is forgotten or watched anew. */
    List<String> due(int limit) {
        long now = nanoTime.getAsLong() / 1_000_000;
        List<String> due = new ArrayList<>();
        while (due.size() < limit && !byTime.isEmpty() && byTime.firstKey() <= now) {
            Map.Entry<Long, List<String>> next = byTime.pollFirstEntry();
            for (String uid : next.getValue()) {
                if (next.getKey().equals(timeOf.get(uid))) {
                    due.add(uid);
                }
            }
        }
        return due;
    }

    List<String> all() {
        return List.copyOf(timeOf.keySet());
    }
}
