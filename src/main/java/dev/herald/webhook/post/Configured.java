package dev.herald.webhook.post;

import dev.herald.config.HeraldConfig;
import dev.herald.config.Secret;
import dev.herald.endpoint.Endpoint.Format;
import dev.herald.endpoint.Endpoint.Scheme;
import dev.herald.endpoint.Endpoint.Security;
import dev.herald.endpoint.Endpoint.Settings;
import dev.herald.endpoint.Endpoints;
import dev.herald.endpoint.OwnHeaders;
import dev.herald.endpoint.Secrets;
import dev.herald.endpoint.Secrets.Kept;
import dev.herald.endpoint.SigningSecret;
import dev.herald.eventlog.EventType;
import dev.herald.failure.HeraldException;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the configuration says of endpoints. Its own secrets and headers are stored nowhere. */
public final class Configured {
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
    private final JsonObject headers;

    /** @throws HeraldException (INVALID) if it names a header that it must not */
    public Configured(HeraldConfig.Webhook config) {
        this.config = config;
        this.headers = config.headers().map(Secret::value).map(JsonObject::new).orElseGet(JsonObject::new);
        headers.forEach(header -> {
            String problem = OwnHeaders.problem(header.getKey(), header.getValue());
            if (!problem.isEmpty()) {
                throw HeraldException.invalid("webhook.headers", header.getKey() + " " + problem);
            }
        });
    }

    /** Writes it down; fails with INVALID if an event is named that there is not. */
    public Future<Void> apply(Endpoints endpoints) {
        List<String> pull = events("webhook.pull", config.pull());
        Optional<Settings> settings = settings();
        return endpoints
                .prepareOfflineNotices(OFFLINE_NOTICES)
                .compose(v -> endpoints.configure(settings, this::security))
                .compose(v -> endpoints.record(pull))
                .compose(v -> endpoints.resolveFilters());
    }

    private Optional<Settings> settings() {
        return config.url()
                .map(url -> new Settings(
                        url,
                        "given by the configuration",
                        Format.valueOf(config.format().name()),
                        events("webhook.events", config.events()),
                        config.batchSize(),
                        config.batchDelay(),
                        config.concurrency(),
                        config.rate()));
    }

    /** Newest first. */
    Optional<Secrets> secrets() {
        List<Kept> given = Stream.of(config.secret(), config.oldSecret())
                .flatMap(Optional::stream)
                .map(secret -> new Kept(new SigningSecret(secret.value()), null))
                .toList();
        return given.isEmpty() ? Optional.empty() : Optional.of(new Secrets(given));
    }

    JsonObject headers() {
        return headers;
    }

    /** A secret that is given takes the place of one that was made by the API, which else goes on. */
    private Security security(Security known) {
        List<String> names = OwnHeaders.names(headers);
        return secrets()
                .map(given -> new Security(given.scheme(), given.publicKeys(), names, null, null))
                .orElseGet(() -> known.secrets() == null
                        ? new Security(Scheme.V1, List.of(), names, null, null)
                        : new Security(known.scheme(), known.publicKeys(), names, known.secrets(), null));
    }

    private static List<String> events(String key, Optional<List<String>> patterns) {
        List<String> stripped =
                patterns.orElse(List.of()).stream().map(String::strip).toList();
        for (String pattern : stripped) {
            if (!EventType.isKnown(pattern)) {
                throw HeraldException.invalid(key, "no event is called " + pattern);
            }
        }
        return stripped;
    }
}
