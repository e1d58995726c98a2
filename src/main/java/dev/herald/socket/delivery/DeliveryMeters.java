package dev.herald.socket.delivery;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** What operators see of deliveries, as docs/metrics-socket.md lists it. */
final class DeliveryMeters {
    final Counter commandsSent;
    final Counter commandsRedelivered;
    final Counter commandsAcknowledged;
    final Counter messagesRedelivered;
    final Counter messagesGivenUp;

    DeliveryMeters(MeterRegistry registry) {
        commandsSent = registry.counter("herald.commands.sent");
        commandsRedelivered = registry.counter("herald.commands.redelivered");
        commandsAcknowledged = registry.counter("herald.commands.acknowledged");
        messagesRedelivered = registry.counter("herald.messages.redelivered");
        messagesGivenUp = registry.counter("herald.messages.unacknowledged");
    }
}
