package dev.herald.socket;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** What operators see of the sockets, as docs/metrics-socket.md lists it: the instances of a node count together. */
final class SocketMeters {
    private final MeterRegistry registry;
    private final NodeCounts counts;
    private final Gauge sessions;
    private final Gauge outboxBytes;
    private final Gauge intakeBytes;
    private final Counter floods;
    private final Counter slowReaders;
    private final Counter timeouts;
    private final Counter limited;
    private final Counter sent;
    private final Counter redelivered;
    private final Counter acknowledged;
    private final Counter messagesRedelivered;
    private final Counter messagesGivenUp;
    private final Counter activitiesDropped;
    private final Gauge watched;
    private final Counter watchTold;

    SocketMeters(MeterRegistry registry, NodeCounts counts) {
        this.registry = registry;
        this.counts = counts;
        sessions = Gauge.builder("herald.sessions", counts, NodeCounts::openSessions)
                .register(registry);
        outboxBytes = Gauge.builder("herald.outbox.bytes", counts, NodeCounts::outboxBytes)
                .register(registry);
        intakeBytes = Gauge.builder("herald.intake.bytes", counts, NodeCounts::intakeBytes)
                .register(registry);
        floods = registry.counter("herald.floods");
        slowReaders = registry.counter("herald.slow.readers");
        timeouts = registry.counter("herald.timeouts");
        limited = registry.counter("herald.sends.limited", "by", "connection");
        sent = registry.counter("herald.commands.sent");
        redelivered = registry.counter("herald.commands.redelivered");
        acknowledged = registry.counter("herald.commands.acknowledged");
        messagesRedelivered = registry.counter("herald.messages.redelivered");
        messagesGivenUp = registry.counter("herald.messages.unacknowledged");
        activitiesDropped = registry.counter("herald.activities.dropped");
        watched =
                Gauge.builder("herald.watch.users", counts, NodeCounts::watched).register(registry);
        watchTold = registry.counter("herald.watch.told");
    }

    /** @param change of the sessions that clients are connected to */
    void sessions(int change) {
        counts.addSessions(change);
    }

    /** @param change of the bytes that wait for their readers */
    void outbox(int change) {
        counts.addOutboxBytes(change);
    }

    /** @param change of the bytes that came in and are not done with */
    void intake(int change) {
        counts.addIntakeBytes(change);
    }

    void flooded() {
        floods.increment();
    }

    void slowReader() {
        slowReaders.increment();
    }

    void timedOut() {
        timeouts.increment();
    }

    void limited() {
        limited.increment();
    }

    void commandSent(boolean again) {
        (again ? redelivered : sent).increment();
    }

    void commandAcknowledged() {
        acknowledged.increment();
    }

    void messageRedelivered() {
        messagesRedelivered.increment();
    }

    void messageGivenUp() {
        messagesGivenUp.increment();
    }

    void activityDropped() {
        activitiesDropped.increment();
    }

    /** @param change of the users that are watched, each as often as it is */
    void watched(int change) {
        counts.addWatched(change);
    }

    void watchTold() {
        watchTold.increment();
    }

    void watchRefused(String reason) {
        registry.counter("herald.watch.refused", "reason", reason).increment();
    }

    void refused(String reason) {
        registry.counter("herald.connects.refused", "reason", reason).increment();
    }

    /** The gauges end with the counts that they show; counters stay what they were. */
    void close() {
        registry.remove(sessions);
        registry.remove(outboxBytes);
        registry.remove(intakeBytes);
        registry.remove(watched);
    }
}
