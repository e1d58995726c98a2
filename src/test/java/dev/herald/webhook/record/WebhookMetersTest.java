package dev.herald.webhook.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class WebhookMetersTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final WebhookMeters meters = new WebhookMeters(registry);

    @Test
    void an_endpoint_that_is_gone_leaves_nothing_behind() {
        for (String endpoint : List.of("gone", "stays")) {
            meters.lag(endpoint, 7, Duration.ofSeconds(90));
            meters.buried(endpoint, 2);
        }
        meters.keepOnly(List.of("stays"));
        assertThat(registry.getMeters()).isNotEmpty().allMatch(meter -> "stays"
                .equals(meter.getId().getTag("endpoint")));
        meters.lag("gone", 1, Duration.ofSeconds(1));
        assertThat(registry.get("herald.webhook.lag.events")
                        .tag("endpoint", "gone")
                        .gauge()
                        .value())
                .isEqualTo(1);
        assertThat(registry.get("herald.webhook.buried")
                        .tag("endpoint", "gone")
                        .counter()
                        .count())
                .isZero();
    }
}
