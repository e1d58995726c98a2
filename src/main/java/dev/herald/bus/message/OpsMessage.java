package dev.herald.bus.message;

import java.util.Map;

/** To and from the owner of the node's health, the ops verticle. */
public sealed interface OpsMessage extends BusMessage {

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
