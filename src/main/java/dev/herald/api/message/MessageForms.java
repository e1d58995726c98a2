package dev.herald.api.message;

import dev.herald.api.http.Reply;
import dev.herald.model.Delivery;
import dev.herald.model.Setting;
import dev.herald.stream.KeyState;
import dev.herald.stream.StreamEvent;
import dev.herald.stream.Streams;
import dev.herald.wukong.MessageJson;
import io.vertx.core.Future;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How stored messages are shown: those that come in parts with what has come of them (wukong-interfaces section 3.4). */
public final class MessageForms {
    private final Streams streams;

    public MessageForms(Streams streams) {
        this.streams = streams;
    }

    /** For the messages of one answer. */
    public interface Form {
        JsonObject of(Delivery message);

        default JsonArray array(List<Delivery> messages) {
            return Reply.array(messages, this::of);
        }
    }

    Future<Form> of(Collection<Delivery> messages) {
        return of(messages, true);
    }

    public Future<Form> ofAll(List<List<Delivery>> messages) {
        return of(messages.stream().flatMap(List::stream).toList());
    }

    /** @param snapshots whether the events of each key are shown with what they make together */
    Future<Form> of(Collection<Delivery> messages, boolean snapshots) {
        List<Long> ids = messages.stream()
                .filter(message -> (message.setting() & Setting.STREAM) != 0)
                .map(Delivery::messageId)
                .toList();
        return streams.of(ids).map(known -> message -> {
            JsonObject json = MessageJson.of(message);
            Map<String, KeyState> keys = known.get(message.messageId());
            return keys == null ? json : withEvents(json, keys, snapshots);
        });
    }

    private static JsonObject withEvents(JsonObject message, Map<String, KeyState> keys, boolean snapshots) {
        JsonArray events = new JsonArray();
        long last = 0;
        int open = 0;
        for (Map.Entry<String, KeyState> key : keys.entrySet()) {
            KeyState state = key.getValue();
            last = Math.max(last, state.lastSeq());
            if (!key.getKey().equals(StreamEvent.WHOLE)) {
                open += state.status().equals(KeyState.OPEN) ? 1 : 0;
                events.add(event(key.getKey(), state, snapshots));
            }
        }
        JsonObject meta = new JsonObject()
                .put("has_events", true)
                .put("completed", keys.containsKey(StreamEvent.WHOLE))
                .put("event_version", last)
                .put("last_msg_event_seq", last)
                .put("event_count", events.size())
                .put("open_event_count", open)
                .put("events", events);
        message.put("event_meta", meta)
                .put(
                        "event_sync_hint",
                        JsonObject.of("client_msg_no", message.getString("client_msg_no"), "from_msg_event_seq", 0));
        KeyState main = keys.get(StreamEvent.MAIN);
        return main == null ? message : withMain(message, main);
    }

    private static JsonObject event(String key, KeyState state, boolean snapshots) {
        JsonObject event =
                JsonObject.of("event_key", key, "status", state.status(), "last_msg_event_seq", state.lastSeq());
        if (snapshots && state.snapshot() != null) {
            event.put("snapshot", state.snapshot());
        }
        return withEnd(event, state);
    }

    /** As clients know it from before there were keys. */
    private static JsonObject withMain(JsonObject message, KeyState main) {
        if (main.snapshot() != null) {
            byte[] data = plain(main.snapshot()).getBytes(StandardCharsets.UTF_8);
            message.put("stream_data", Base64.getEncoder().encodeToString(data));
        }
        if (main.isOver()) {
            message.put("end", 1);
        }
        return withEnd(message, main);
    }

    /** How a key ended, where that is said. */
    static JsonObject withEnd(JsonObject json, KeyState state) {
        if (state.endReason() != 0) {
            json.put("end_reason", state.endReason());
        }
        if (!state.error().isEmpty()) {
            json.put("error", state.error());
        }
        return json;
    }

    /** The text or data of a snapshot of such a kind, else its JSON. */
    private static String plain(@Nullable Object snapshot) {
        if (snapshot instanceof JsonObject object) {
            if ("text".equals(object.getValue("kind"))) {
                return object.getValue("text") instanceof String text ? text : "";
            }
            if ("binary".equals(object.getValue("kind")) && object.getValue("data") instanceof String data) {
                return data;
            }
        }
        return Json.encode(snapshot);
    }
}
