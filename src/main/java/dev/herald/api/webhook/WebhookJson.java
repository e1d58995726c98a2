package dev.herald.api.webhook;

import dev.herald.endpoint.Attempts.Made;
import dev.herald.endpoint.DeadLetters.Letter;
import dev.herald.endpoint.Endpoint;
import dev.herald.endpoint.Endpoint.Settings;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How endpoints, their dead letters and attempts are shown; secrets and the values of headers never are. */
final class WebhookJson {
    private WebhookJson() {}

    static JsonObject of(Endpoint endpoint) {
        Settings settings = endpoint.settings();
        return new JsonObject()
                .put("id", endpoint.id())
                .put("url", settings.url())
                .put("description", settings.description())
                .put("format", lower(settings.format()))
                .put("events", new JsonArray(settings.events()))
                .put("types", new JsonArray(settings.types()))
                .put("batch_size", settings.batchSize())
                .put("batch_delay_ms", settings.batchDelay().toMillis())
                .put("concurrency", settings.concurrency())
                .put("rate", settings.rate())
                .put("signature", lower(endpoint.security().scheme()))
                .put("public_keys", new JsonArray(endpoint.security().publicKeys()))
                .put("headers", new JsonArray(endpoint.security().headerNames()))
                .put("state", lower(endpoint.state()))
                .put("state_reason", endpoint.stateReason())
                .put("failing_since", time(endpoint.failingSince()))
                .put("created_at", time(endpoint.createdAt()))
                .put("updated_at", time(endpoint.updatedAt()));
    }

    static JsonObject of(Letter letter) {
        return new JsonObject()
                .put("id", letter.event().id())
                .put("type", letter.event().type())
                .put("key", letter.event().key())
                .put("timestamp", time(letter.event().createdAt()))
                .put("data", letter.event().data())
                .put("reason", letter.reason())
                .put("status", letter.status())
                .put("attempts", letter.attempts())
                .put("died_at", time(letter.diedAt()))
                .put("replay_at", time(letter.replayAt()));
    }

    static JsonObject of(Made attempt) {
        return new JsonObject()
                .put("id", attempt.id())
                .put("at", time(attempt.at()))
                .put("request", attempt.request())
                .put("type", attempt.type())
                .put("events", attempt.events())
                .put("attempt", attempt.attempt())
                .put("delivered", attempt.delivered())
                .put("status", attempt.status())
                .put("latency_ms", attempt.latencyMillis())
                .put("answer", attempt.answer())
                .put("next_at", time(attempt.nextAt()));
    }

    private static @Nullable String time(@Nullable Instant instant) {
        return instant == null ? null : instant.toString();
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
