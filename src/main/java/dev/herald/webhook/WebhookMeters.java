package dev.herald.webhook;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** What is counted of webhooks; docs/metrics-webhook.md says what each means. */
final class WebhookMeters {
    private static final String ENDPOINT = "endpoint";

    private final MeterRegistry registry;
    private final Map<String, Gauges> gauges = new ConcurrentHashMap<>();

    WebhookMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    private record Gauges(
            AtomicLong lagEvents, AtomicLong lagMillis, AtomicLong breaker, AtomicLong deadLetters, List<Gauge> all) {}

    void attempted(Batch batch, Delivery delivery) {
        String endpoint = batch.lane().endpoint();
        String outcome = delivery.outcome().kind().name().toLowerCase(Locale.ROOT);
        registry.counter("herald.webhook.attempts", ENDPOINT, endpoint, "outcome", outcome)
                .increment();
        if (delivery.outcome().delivered()) {
            registry.counter("herald.webhook.delivered", ENDPOINT, endpoint)
                    .increment((double) (batch.size() - delivery.unreadable().size()));
        }
        Timer.builder("herald.webhook.latency")
                .tag(ENDPOINT, endpoint)
                .serviceLevelObjectives(
                        Duration.ofMillis(10),
                        Duration.ofMillis(100),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(15))
                .register(registry)
                .record(delivery.latency());
    }

    void buried(String endpoint, long events) {
        buried(endpoint).increment((double) events);
    }

    void attemptsNotKept(int rows) {
        registry.counter("herald.webhook.attempts.not.kept").increment((double) rows);
    }

    /** @param state 0 closed, 1 half open, 2 open */
    void breaker(String endpoint, Breaker.State state) {
        of(endpoint)
                .breaker()
                .set(
                        switch (state) {
                            case CLOSED -> 0;
                            case HALF_OPEN -> 1;
                            case OPEN -> 2;
                        });
    }

    void lag(String endpoint, long events, Duration oldest) {
        of(endpoint).lagEvents().set(events);
        of(endpoint).lagMillis().set(oldest.toMillis());
    }

    void deadLetters(String endpoint, long count) {
        of(endpoint).deadLetters().set(count);
    }

    /** An endpoint that is gone leaves no gauge behind. */
    void keepOnly(List<String> endpoints) {
        for (String known : List.copyOf(gauges.keySet())) {
            Gauges its = endpoints.contains(known) ? null : gauges.remove(known);
            if (its != null) {
                its.all().forEach(registry::remove);
            }
        }
    }

    private Gauges of(String endpoint) {
        return gauges.computeIfAbsent(endpoint, id -> {
            AtomicLong lagEvents = new AtomicLong();
            AtomicLong lagMillis = new AtomicLong();
            AtomicLong breaker = new AtomicLong();
            AtomicLong deadLetters = new AtomicLong();
            List<Gauge> all = new ArrayList<>();
            buried(id);
            all.add(gauge("herald.webhook.lag.events", id, lagEvents, 1));
            all.add(gauge("herald.webhook.lag.seconds", id, lagMillis, 1_000));
            all.add(gauge("herald.webhook.breaker", id, breaker, 1));
            all.add(gauge("herald.webhook.dead.letters", id, deadLetters, 1));
            return new Gauges(lagEvents, lagMillis, breaker, deadLetters, all);
        });
    }

    /** An alert sees a counter grow only if it was there before. */
    private Counter buried(String endpoint) {
        return registry.counter("herald.webhook.buried", ENDPOINT, endpoint);
    }

    private Gauge gauge(String name, String endpoint, AtomicLong value, double unit) {
        return Gauge.builder(name, value, it -> it.get() / unit)
                .tags(Tags.of(ENDPOINT, endpoint))
                .register(registry);
    }
}
