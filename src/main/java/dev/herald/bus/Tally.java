package dev.herald.bus;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * How much this node has sent to each other one, and how much has come from each: a connection that breaks takes along
 * what was under way, and neither side is told. With every ping a node says how much it has sent; what it said with the
 * ping before must be there by then, as that is longer ago than any two messages overtake each other.
 */
final class Tally {
    private final LongAdder toAll = new LongAdder();
    private final Map<Long, LongAdder> toOne = new ConcurrentHashMap<>();
    private final Map<Long, Peer> peers = new ConcurrentHashMap<>();

    void sentToAll() {
        toAll.increment();
    }

    void sent(long node) {
        toOne.computeIfAbsent(node, it -> new LongAdder()).increment();
    }

    /** What was sent to a node, counted from anywhere. */
    long sentTo(long node) {
        LongAdder alone = toOne.get(node);
        return toAll.sum() + (alone == null ? 0 : alone.sum());
    }

    void came(long node) {
        peer(node).came.increment();
    }

    /**
     * @param sent by that node to this one, as it says
     * @return true if something of it has not come; it is missed once
     */
    boolean misses(long node, long sent) {
        return peer(node).misses(sent);
    }

    /** Nothing is known any more of other nodes than these. */
    void retain(Set<Long> nodes) {
        toOne.keySet().retainAll(nodes);
        peers.keySet().retainAll(nodes);
    }

    private Peer peer(long node) {
        return peers.computeIfAbsent(node, it -> new Peer());
    }

    private static final class Peer {
        private static final long NOTHING_SAID = Long.MIN_VALUE;

        private final LongAdder came = new LongAdder();
        private long said = NOTHING_SAID;

        /** What it counts more than this node does. */
        private long ahead;

        synchronized boolean misses(long sent) {
            long here = came.sum();
            boolean begins = said == NOTHING_SAID || sent < said;
            boolean missing = !begins && here < said - ahead;
            if (missing) {
                ahead = said - here;
            } else if (begins || (sent == said && here > sent - ahead)) {
                ahead = sent - here;
            }
            said = sent;
            return missing;
        }
    }
}
