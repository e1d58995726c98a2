package dev.herald.bus;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Whether all that another node has sent has come: each says with its pings how much that was. A connection that breaks takes
 * with it what was on its way, and nobody hears of that.
 */
final class Tally {
    private static final long UNKNOWN = Long.MAX_VALUE;

    private final AtomicLong toAll = new AtomicLong();
    private final Map<Long, AtomicLong> toEach = new ConcurrentHashMap<>();
    private final Map<Long, Heard> from = new ConcurrentHashMap<>();

    /** What has come of one node, and how much was missing when it said so. */
    private static final class Heard {
        private long received;
        private long known = UNKNOWN;
        private long before = UNKNOWN;

        synchronized void received() {
            received++;
        }

        /**
         * A message and a ping may overtake each other, so only what two pings agree on counts. What was sent before the first
         * two may have been for this node or not: it is looked for, too.
         */
        synchronized boolean misses(long sent) {
            long missing = sent - received;
            boolean agreed = missing == before;
            boolean lost = agreed && missing > (known == UNKNOWN ? 0 : known);
            known = agreed ? missing : known;
            before = missing;
            return lost;
        }
    }

    void sentToAll() {
        toAll.incrementAndGet();
    }

    void sentTo(long node) {
        toEach.computeIfAbsent(node, it -> new AtomicLong()).incrementAndGet();
    }

    /** What a node should have got. */
    long sent(long node) {
        AtomicLong each = toEach.get(node);
        return toAll.get() + (each == null ? 0 : each.get());
    }

    void received(long node) {
        heard(node).received();
    }

    /** Whether something of what a node says to have sent before this is lost. */
    boolean misses(long node, long sent) {
        return heard(node).misses(sent);
    }

    /** Others are gone for good. */
    void retain(Set<Long> nodes) {
        toEach.keySet().retainAll(nodes);
        from.keySet().retainAll(nodes);
    }

    private Heard heard(long node) {
        return from.computeIfAbsent(node, it -> new Heard());
    }
}
