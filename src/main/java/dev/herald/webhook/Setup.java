package dev.herald.webhook;

import dev.herald.config.HeraldConfig;
import dev.herald.endpoint.Endpoint.Format;
import dev.herald.endpoint.Endpoint.Settings;
import dev.herald.endpoint.Endpoints;
import dev.herald.eventlog.EventType;
import dev.herald.failure.HeraldException;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The configuration's part in what the database knows of endpoints. */
final class Setup {
    /** Large batches share their presence lookups; each takes little of the log at once. */
    private static final Settings OFFLINE_NOTICES = new Settings(
            "",
            "",
            Format.STANDARD,
            List.of(EventType.MESSAGE_NOTIFY.value(), EventType.MESSAGE_PASSED.value()),
            50,
            Duration.ofMillis(50),
            4,
            0);

    private final HeraldConfig.Webhook config;
    private final Endpoints endpoints;

    Setup(HeraldConfig.Webhook config, Endpoints endpoints) {
        this.config = config;
        this.endpoints = endpoints;
    }

    /** Fails with INVALID if the configuration names an event that there is not. */
    Future<Void> apply() {
        List<String> pull = known("webhook.pull", config.pull());
        Optional<Settings> configured = config.url().map(this::configured);
        return endpoints
                .prepareOfflineNotices(OFFLINE_NOTICES)
                .compose(v -> endpoints.configure(configured))
                .compose(v -> endpoints.record(pull))
                .compose(v -> endpoints.resolveFilters());
    }

    private Settings configured(String url) {
        return new Settings(
                url,
                "given by the configuration",
                Format.valueOf(config.format().name()),
                known("webhook.events", config.events()),
                config.batchSize(),
                config.batchDelay(),
                config.concurrency(),
                config.rate());
    }

    private static List<String> known(String key, Optional<List<String>> patterns) {
        List<String> stripped =
                patterns.orElse(List.of()).stream().map(String::strip).toList();
        for (String pattern : stripped) {
            if (EventType.matching(List.of(pattern)).isEmpty()) {
                throw HeraldException.invalid(key, "no event is called " + pattern);
            }
        }
        return stripped;
    }
}
