package dev.herald.api.event;

import dev.herald.api.http.Call;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.eventlog.EventExamples;
import dev.herald.eventlog.EventType;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;

/** What each event looks like in either format: a JSON schema with an example. */
final class EventSchemas {
    private EventSchemas() {}

    /** Before the paths of endpoints, whose ids cannot be "schemas". */
    static void mount(Routes routes) {
        routes.get("/webhooks/schemas", EventSchemas::list);
        routes.get("/webhooks/schemas/:type", EventSchemas::one);
    }

    private static Future<Reply> list(Call call) {
        return Future.succeededFuture(
                Reply.data(JsonObject.of("types", Reply.array(EventType.outside(), EventSchemas::named))));
    }

    private static JsonObject named(EventType type) {
        return JsonObject.of(
                "type", type.value(), "description", EventExamples.of(type).getString("description"));
    }

    private static Future<Reply> one(Call call) {
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
