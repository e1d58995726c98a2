package dev.herald.history;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** What the sweeps did; docs/metrics-history.md says what each means. */
final class HistoryMeters {
    private final Counter raised;
    private final Counter expired;
    private final Counter retired;

    HistoryMeters(MeterRegistry registry) {
        raised = registry.counter("herald.conversations.raised");
        expired = registry.counter("herald.messages.removed", "reason", "expired");
        retired = registry.counter("herald.messages.removed", "reason", "retention");
    }

    void raised(long conversations) {
        raised.increment((double) conversations);
    }

    void expired(long messages) {
        expired.increment((double) messages);
    }

    void retired(long messages) {
        retired.increment((double) messages);
    }
}
