package dev.herald.socket;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** What operators see of the sockets, as docs/metrics-socket.md lists it: the instances of a node count together. */
final class SocketMeters {
    final Counter floods;
    final Counter slowReaders;
    final Counter timeouts;
    private final MeterRegistry registry;
    private final List<Gauge> gauges;

    SocketMeters(MeterRegistry registry, NodeCounts counts) {
        this.registry = registry;
        this.gauges = List.of(
                gauge("herald.sessions", counts.openSessions),
                gauge("herald.outbox.bytes", counts.outboxBytes),
                gauge("herald.intake.bytes", counts.intakeBytes));
        this.floods = registry.counter("herald.floods");
        this.slowReaders = registry.counter("herald.slow.readers");
        this.timeouts = registry.counter("herald.timeouts");
    }

    void refused(String reason) {
        registry.counter("herald.connects.refused", "reason", reason).increment();
    }

    /** The gauges end with the counts that they show; counters stay what they were. */
    void close() {
        gauges.forEach(registry::remove);
    }

    private Gauge gauge(String name, LongAdder count) {
        return Gauge.builder(name, count, LongAdder::sum).register(registry);
    }
}
