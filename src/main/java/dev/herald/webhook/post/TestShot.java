package dev.herald.webhook.post;

import dev.herald.bus.message.WebhookMessage.FireTest;
import dev.herald.bus.message.WebhookMessage.TestFired;
import dev.herald.endpoint.Endpoint;
import dev.herald.endpoint.Endpoint.Format;
import dev.herald.endpoint.Endpoints;
import dev.herald.eventlog.EventExamples;
import dev.herald.eventlog.EventType;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.webhook.lane.Leases.Lease;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/** Sends an example of an event once, outside the log, to see whether an endpoint takes it. */
public final class TestShot {
    private final Endpoints endpoints;
    private final Posts posts;

    public TestShot(Endpoints endpoints, Posts posts) {
        this.endpoints = endpoints;
        this.posts = posts;
    }

    public Future<TestFired> fire(FireTest asked) {
        String id = "evt_test_" + UUID.randomUUID().toString().replace("-", "");
        EventType type = EventType.of(asked.eventType())
                .orElseThrow(() -> HeraldException.invalid("type", "is no type of event"));
        return endpoints
                .find(asked.endpoint())
                .map(found -> found.orElseThrow(() -> new HeraldException(Failure.NOT_FOUND, "no such webhook")))
                .compose(endpoint -> posts.sender(endpoint).compose(sender -> {
                    long begun = System.nanoTime();
                    return sender.post(id, type.value(), body(endpoint, type, id), Lease.endless())
                            .map(outcome -> new TestFired(
                                    id,
                                    outcome.delivered(),
                                    outcome.status(),
                                    (int) Duration.ofNanos(System.nanoTime() - begun)
                                            .toMillis(),
                                    outcome.answer()))
                            .eventually(sender::close);
                }));
    }

    private static Buffer body(Endpoint endpoint, EventType type, String id) {
        JsonObject example = EventExamples.of(type);
        if (endpoint.settings().format() == Format.WUKONG) {
            return Json.encodeToBuffer(
                    example.getJsonObject("wukong").getJsonArray("examples").getValue(0));
        }
        Instant now = Instant.now();
        JsonObject envelope = example.getJsonObject("standard")
                .getJsonArray("examples")
                .getJsonObject(0)
                .put("id", id)
                .put("timestamp", now.toString());
        return endpoint.settings().batchSize() > 1
                ? Bodies.envelope(now, JsonArray.of(envelope).toBuffer())
                : envelope.toBuffer();
    }
}
