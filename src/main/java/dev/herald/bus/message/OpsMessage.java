package dev.herald.bus.message;

import java.util.Map;

/** To and from the owner of the node's health, the ops verticle. */
public sealed interface OpsMessage extends BusMessage {

    /** What is this node, and how does it do? */
    record NodeQuery() implements OpsMessage {}

    /**
     * @param startedAt milliseconds since 1970
     * @param states as of {@link HealthReport}
     * @param heapUsed bytes, garbage included
     */
    record NodeReport(long startedAt, boolean ready, Map<String, String> states, long heapUsed, long heapMax)
            implements OpsMessage {
        public NodeReport {
            states = Map.copyOf(states);
        }
    }

    /** Is this node fit to serve? */
    record HealthQuery() implements OpsMessage {}

    /**
     * @param ready true if every part of the node is up and both stores answer
     * @param states of each part by its name: {@code up}, or what is wrong with it
     */
    record HealthReport(boolean ready, Map<String, String> states) implements OpsMessage {
        public HealthReport {
            states = Map.copyOf(states);
        }
    }
}
