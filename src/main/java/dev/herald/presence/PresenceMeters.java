package dev.herald.presence;

import dev.herald.bus.message.PresenceMessage.EndReason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntSupplier;

/** What the presence of one node counts. */
final class PresenceMeters {
    private final MeterRegistry registry;
    private final Map<EndReason, Counter> ends = new EnumMap<>(EndReason.class);
    private final Map<Drift.Kind, Counter> drifts = new EnumMap<>(Drift.Kind.class);
    private final Counter crowded;
    private final Counter suppressed;
    private final Counter unheard;
    private final Counter rollCallsUnanswered;
    private final Counter driftUnrecorded;
    private final Counter givenUp;
    private final List<Meter> gauges = new ArrayList<>();

    PresenceMeters(MeterRegistry registry) {
        this.registry = registry;
        for (EndReason reason : EndReason.values()) {
            ends.put(
                    reason,
                    Counter.builder("herald.presence.ends")
                            .description("Sessions that ended, by reason")
                            .tag("reason", reason.name().toLowerCase(Locale.ROOT))
                            .register(registry));
        }
        for (Drift.Kind kind : Drift.Kind.values()) {
            drifts.put(
                    kind,
                    Counter.builder("herald.presence.drift")
                            .description("Differences that reconciliation found and mended, by kind")
                            .tag("kind", kind.word())
                            .register(registry));
        }
        crowded = Counter.builder("herald.presence.crowded")
                .description("Sessions that were replaced since their user had too many of the device flag")
                .register(registry);
        suppressed = Counter.builder("herald.presence.suppressed")
                .description("Pairs of offline and online that a return within the grace cancelled")
                .register(registry);
        unheard = Counter.builder("herald.presence.closings.unheard")
                .description(
                        "Sessions that another node did not answer to have closed, so that its walk must find them")
                .register(registry);
        rollCallsUnanswered = Counter.builder("herald.presence.rollcalls.unanswered")
                .description("Roll calls of this node's sockets that not every event loop answered in time")
                .register(registry);
        driftUnrecorded = Counter.builder("herald.presence.drift.unrecorded")
                .description("Differences that were mended and have no row, since too many waited for the database")
                .register(registry);
        givenUp = Counter.builder("herald.presence.given.up")
                .description("Sessions that this node gave up with its lease: it slept, or may have been taken over")
                .register(registry);
    }

    /** @param value read whenever somebody looks, until {@link #close} */
    void gauge(String name, String text, IntSupplier value) {
        gauges.add(Gauge.builder(name, value, IntSupplier::getAsInt)
                .description(text)
                .strongReference(true)
                .register(registry));
    }

    Counter walks(String name) {
        return Counter.builder("herald.presence.walks")
                .description("Walks that have compared all that they are for, by walk")
                .tag("walk", name)
                .register(registry);
    }

    void ended(EndReason reason, int sessions) {
        if (sessions > 0) {
            Objects.requireNonNull(ends.get(reason)).increment(sessions);
        }
    }

    void crowded(long sessions) {
        crowded.increment((double) sessions);
    }

    void drifted(Drift.Kind kind) {
        Objects.requireNonNull(drifts.get(kind)).increment();
    }

    void suppressed(int pairs) {
        if (pairs > 0) {
            suppressed.increment(pairs);
        }
    }

    void driftUnrecorded(int differences) {
        driftUnrecorded.increment(differences);
    }

    void rollCallUnanswered() {
        rollCallsUnanswered.increment();
    }

    void gaveUp(int sessions) {
        givenUp.increment(sessions);
    }

    void unheard(int sessions) {
        unheard.increment(sessions);
    }

    void close() {
        gauges.forEach(registry::remove);
    }
}
