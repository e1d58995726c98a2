package dev.herald.presence.reconcile;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Users who looked wrong once, and are to be looked at again. */
final class Suspects {
    /** What changes at the moment looks wrong, too; a second later it does not. */
    private static final Duration AFTER = Duration.ofSeconds(1);

    private final LongSupplier nanoTime;
    private final int bound;
    private final Predicate<String> isPriority;
    private final Map<String, Long> sinceByUid = new LinkedHashMap<>();

    /** @param bound from which on walks wait; whoever is found nevertheless may make them twice as many */
    Suspects(LongSupplier nanoTime, int bound, Predicate<String> isPriority) {
        this.nanoTime = nanoTime;
        this.bound = bound;
        this.isPriority = isPriority;
    }

    boolean hasRoom() {
        return sinceByUid.size() < bound;
    }

    int size() {
        return sinceByUid.size();
    }

    /** Who finds no room any more is found by the next walk. */
    void add(Iterable<String> uids) {
        for (String uid : uids) {
            if (sinceByUid.size() < 2 * bound) {
                sinceByUid.putIfAbsent(uid, nanoTime.getAsLong());
            }
        }
    }

    /** Takes out those whose time has come, up to so many: of them the priority users first, then who waits for longest. */
    List<String> due(int limit) {
        long now = nanoTime.getAsLong();
        List<String> waiting = sinceByUid.entrySet().stream()
                .filter(suspect -> now - suspect.getValue() >= AFTER.toNanos())
                .map(Map.Entry::getKey)
                .toList();
        List<String> due = Stream.concat(
                        waiting.stream().filter(isPriority), waiting.stream().filter(isPriority.negate()))
                .limit(limit)
                .toList();
        due.forEach(sinceByUid::remove);
        return due;
    }
}
