package dev.herald.presence.reconcile;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** What is counted of the comparisons of one node. */
final class DriftMeters {
    private final MeterRegistry registry;
    private final Map<Drift.Kind, Counter> drifts = new EnumMap<>(Drift.Kind.class);
    private final Counter rollCallsUnanswered;
    private final Counter unrecorded;

    DriftMeters(MeterRegistry registry) {
        this.registry = registry;
        for (Drift.Kind kind : Drift.Kind.values()) {
            drifts.put(
                    kind,
                    Counter.builder("herald.presence.drift")
                            .description("Differences that reconciliation found and mended, by kind")
                            .tag("kind", kind.word())
                            .register(registry));
        }
        rollCallsUnanswered = Counter.builder("herald.presence.rollcalls.unanswered")
                .description("Roll calls of this node's sockets that not every event loop answered in time")
                .register(registry);
        unrecorded = Counter.builder("herald.presence.drift.unrecorded")
                .description("Differences that were mended and have no row, since too many waited for the database")
                .register(registry);
    }

    Counter walks(String name) {
        return Counter.builder("herald.presence.walks")
                .description("Walks that have compared all that they are for, by walk")
                .tag("walk", name)
                .register(registry);
    }

    void drifted(Drift.Kind kind) {
        Objects.requireNonNull(drifts.get(kind)).increment();
    }

    void unrecorded(int differences) {
        unrecorded.increment(differences);
    }

    void rollCallUnanswered() {
        rollCallsUnanswered.increment();
    }
}
