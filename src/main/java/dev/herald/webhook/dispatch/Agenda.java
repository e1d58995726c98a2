package dev.herald.webhook.dispatch;

import dev.herald.webhook.lane.LaneKey;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * When to look at which lane: of several wishes for one lane the earliest stands, and those for a lane that is at work
 * wait until it has done. Times as in {@link Breaker}.
 */
final class Agenda {
    private final Map<LaneKey, Long> due = new HashMap<>();
    private final Set<LaneKey> atWork = new HashSet<>();

    void wish(LaneKey lane, Duration delay, long now) {
        due.merge(lane, now + delay.toNanos(), (one, other) -> one - other <= 0 ? one : other);
    }

    void begin(LaneKey lane) {
        atWork.add(lane);
    }

    void end(LaneKey lane) {
        atWork.remove(lane);
    }

    /** Takes off what is due, those first that have waited longest. */
    List<LaneKey> take(int most, long now) {
        List<LaneKey> taken = due.entrySet().stream()
                .filter(entry -> entry.getValue() - now <= 0 && !atWork.contains(entry.getKey()))
                .sorted(Comparator.comparingLong(entry -> entry.getValue() - now))
                .limit(most)
                .map(Map.Entry::getKey)
                .toList();
        taken.forEach(due::remove);
        return taken;
    }

    /** Time until something is due, empty if nothing is. */
    Optional<Duration> next(long now) {
        return due.entrySet().stream()
                .filter(entry -> !atWork.contains(entry.getKey()))
                .map(entry -> entry.getValue() - now)
                .min(Comparator.naturalOrder())
                .map(nanos -> Duration.ofNanos(Math.max(0, nanos)));
    }
}
