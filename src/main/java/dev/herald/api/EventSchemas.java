package dev.herald.api;

import dev.herald.eventlog.EventExamples;
import dev.herald.eventlog.EventType;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;

/** What each event looks like in either format: a JSON schema with an example. */
final class EventSchemas {
    private EventSchemas() {}

    static Future<Reply> list(Call call) {
        return Future.succeededFuture(
                Reply.data(JsonObject.of("types", Reply.array(EventType.outside(), EventSchemas::named))));
    }

    private static JsonObject named(EventType type) {
        return JsonObject.of(
                "type", type.value(), "description", EventExamples.of(type).getString("description"));
    }

    static Future<Reply> one(Call call) {
        if (call.part("type").equals("batch")) {
            return Future.succeededFuture(Reply.bare(EventExamples.batch()));
        }
        return Future.succeededFuture(Reply.bare(EventType.outside().stream()
                .filter(type -> type.value().equals(call.part("type")))
                .findFirst()
                .map(EventExamples::of)
                .orElseThrow(() -> new HeraldException(Failure.NOT_FOUND, "no such type of event"))));
    }
}
