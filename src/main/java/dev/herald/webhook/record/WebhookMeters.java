package dev.herald.webhook.record;

import dev.herald.webhook.lane.Batch;
import dev.herald.webhook.post.Delivery;
import dev.herald.webhook.retry.Breaker;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** What is counted of webhooks; docs/metrics-webhook.md says what each means. */
public final class WebhookMeters {
    private static final String PREFIX = "herald.webhook.";
    private static final String ENDPOINT = "endpoint";

    private final MeterRegistry registry;
    private final Map<String, Gauges> gauges = new ConcurrentHashMap<>();

    public WebhookMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    private record Gauges(AtomicLong lagEvents, AtomicLong lagMillis, AtomicLong breaker, AtomicLong deadLetters) {}

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

    public void buried(String endpoint, long events) {
        buried(endpoint).increment((double) events);
    }

    void attemptsNotKept(int rows) {
        registry.counter("herald.webhook.attempts.not.kept").increment((double) rows);
    }

    /** @param state 0 closed, 1 half open, 2 open */
    public void breaker(String endpoint, Breaker.State state) {
        of(endpoint)
                .breaker()
                .set(
                        switch (state) {
                            case CLOSED -> 0;
                            case HALF_OPEN -> 1;
                            case OPEN -> 2;
                        });
    }

    public void lag(String endpoint, long events, Duration oldest) {
        of(endpoint).lagEvents().set(events);
        of(endpoint).lagMillis().set(oldest.toMillis());
    }

    public void deadLetters(String endpoint, long count) {
        of(endpoint).deadLetters().set(count);
    }

    /** An endpoint that is gone, or not served any more, leaves nothing behind. */
    public void keepOnly(List<String> endpoints) {
        gauges.keySet().retainAll(endpoints);
        registry.getMeters().stream()
                .map(Meter::getId)
                .filter(id -> id.getName().startsWith(PREFIX))
                .filter(id -> id.getTag(ENDPOINT) != null && !endpoints.contains(id.getTag(ENDPOINT)))
                .forEach(registry::remove);
    }

    private Gauges of(String endpoint) {
        return gauges.computeIfAbsent(endpoint, id -> {
            AtomicLong lagEvents = new AtomicLong();
            AtomicLong lagMillis = new AtomicLong();
            AtomicLong breaker = new AtomicLong();
            AtomicLong deadLetters = new AtomicLong();
            buried(id);
            gauge("herald.webhook.lag.events", id, lagEvents, 1);
            gauge("herald.webhook.lag.seconds", id, lagMillis, 1_000);
            gauge("herald.webhook.breaker", id, breaker, 1);
            gauge("herald.webhook.dead.letters", id, deadLetters, 1);
            return new Gauges(lagEvents, lagMillis, breaker, deadLetters);
        });
    }

    /** An alert sees a counter grow only if it was there before. */
    private Counter buried(String endpoint) {
        return registry.counter("herald.webhook.buried", ENDPOINT, endpoint);
    }

    private void gauge(String name, String endpoint, AtomicLong value, double unit) {
        Gauge.builder(name, value, it -> it.get() / unit)
                .tags(Tags.of(ENDPOINT, endpoint))
                .register(registry);
    }
}
