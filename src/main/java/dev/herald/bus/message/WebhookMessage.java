package dev.herald.bus.message;

/** To and from the owner of the deliveries, the webhook verticle. */
public sealed interface WebhookMessage extends BusMessage {

    /** Sends an example at once, whatever state the endpoint is in. */
    record FireTest(String endpoint, String eventType) implements WebhookMessage {}

    /**
     * @param status the HTTP status, or why there is none
     * @param answer first bytes of its body
     */
    record TestFired(String request, boolean delivered, String status, int latencyMillis, String answer)
            implements WebhookMessage {}
}
