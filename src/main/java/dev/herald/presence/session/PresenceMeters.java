package dev.herald.presence.session;

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

/** What is counted of the sessions of one node. */
public final class PresenceMeters {
    private final MeterRegistry registry;
    private final Map<EndReason, Counter> ends = new EnumMap<>(EndReason.class);
    private final Counter crowded;
    private final Counter suppressed;
    private final Counter unheard;
    private final Counter givenUp;
    private final Counter refused;
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
        crowded = counter(
                registry,
                "herald.presence.crowded",
                "Sessions that were replaced since their user had too many of the device flag");
        suppressed = counter(
                registry,
                "herald.presence.suppressed",
                "Pairs of offline and online that a return within the grace cancelled");
        unheard = counter(
                registry,
                "herald.presence.closings.unheard",
                "Sessions that another node did not answer to have closed, so that its walk must find them");
        refused = counter(
                registry,
                "herald.presence.edges.refused",
                "Edges that the database will never take and that nobody is told of; the log has them");
        givenUp = counter(
                registry,
                "herald.presence.given.up",
                "Sessions that this node gave up with its lease: it slept, or may have been taken over");
    }

    private static Counter counter(MeterRegistry registry, String name, String text) {
        return Counter.builder(name).description(text).register(registry);
    }

    /** @param value read whenever somebody looks, until {@link #close} */
    public void gauge(String name, String text, IntSupplier value) {
        gauges.add(Gauge.builder(name, value, IntSupplier::getAsInt)
                .description(text)
                .strongReference(true)
                .register(registry));
    }

    void ended(EndReason reason, int sessions) {
        if (sessions > 0) {
            Objects.requireNonNull(ends.get(reason)).increment(sessions);
        }
    }

    void crowded(long sessions) {
        crowded.increment((double) sessions);
    }

    void suppressed(int pairs) {
        if (pairs > 0) {
            suppressed.increment(pairs);
        }
    }

    void refused() {
        refused.increment();
    }

    public void gaveUp(int sessions) {
        givenUp.increment(sessions);
    }

    void unheard(int sessions) {
        unheard.increment(sessions);
    }

    public void close() {
        gauges.forEach(registry::remove);
    }
}
