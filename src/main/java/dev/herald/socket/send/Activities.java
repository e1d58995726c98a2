package dev.herald.socket.send;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.PresenceMessage.Activity;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Whose clients did something of their own accord since it was last told: one message for all the users of an instance.
 * Pings, acknowledgements and logins do not count, since clients send them by themselves, at night, too.
 */
final class Activities {
    /** Users in one message; who comes on top is told of when he does something again. */
    static final int MAX_USERS = 10_000;

    private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(10);

    private final Bus bus;
    private final Counter dropped;
    private Map<String, Long> lastMs = new HashMap<>();

    Activities(Bus bus, MeterRegistry registry) {
        this.bus = bus;
        this.dropped = registry.counter("herald.activities.dropped");
    }

    /** How often to {@link #tell}: late enough to be cheap, and long before an activity is history. */
    static Duration interval(Duration activeWithin) {
        Duration quarter = activeWithin.dividedBy(4);
        return quarter.compareTo(LONGEST_INTERVAL) < 0 ? quarter : LONGEST_INTERVAL;
    }

    /** @param atMs milliseconds since 1970 */
    void note(String uid, long atMs) {
        if (lastMs.size() < MAX_USERS || lastMs.containsKey(uid)) {
            lastMs.put(uid, atMs);
        } else {
            dropped.increment();
        }
    }

    void tell() {
        if (!lastMs.isEmpty()) {
            Map<String, Long> told = lastMs;
            lastMs = new HashMap<>();
            bus.tell(Addresses.ACTIVITY, new Activity(told));
        }
    }
}
