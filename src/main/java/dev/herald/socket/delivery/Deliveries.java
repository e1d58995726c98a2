package dev.herald.socket.delivery;

import dev.herald.bus.Bus;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.config.HeraldConfig;
import dev.herald.trail.Trail;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;

/** What the sessions of one instance share for what they are brought; docs/metrics-socket.md lists the counters. */
public final class Deliveries {
    final Bus bus;
    final HeraldConfig config;
    final Trail trail;
    final Acks acks;
    final Counter commandsSent;
    final Counter commandsRedelivered;
    final Counter commandsAcknowledged;
    final Counter messagesRedelivered;
    final Counter messagesGivenUp;

    public Deliveries(Vertx vertx, Bus bus, HeraldConfig config, Trail trail, MeterRegistry registry) {
        this.bus = bus;
        this.config = config;
        this.trail = trail;
        this.acks = new Acks(vertx, bus);
        this.commandsSent = registry.counter("herald.commands.sent");
        this.commandsRedelivered = registry.counter("herald.commands.redelivered");
        this.commandsAcknowledged = registry.counter("herald.commands.acknowledged");
        this.messagesRedelivered = registry.counter("herald.messages.redelivered");
        this.messagesGivenUp = registry.counter("herald.messages.unacknowledged");
    }

    public SessionDelivery to(SessionInfo session, Client client) {
        return new SessionDelivery(this, session, client);
    }
}
