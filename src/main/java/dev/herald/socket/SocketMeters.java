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

    void refused(String reason) {
        registry.counter("herald.connects.refused", "reason", reason).increment();
    }

    /** The gauges end with the counts that they show; counters stay what they were. */
    void close() {
        registry.remove(sessions);
        registry.remove(outboxBytes);
        registry.remove(intakeBytes);
    }
}
