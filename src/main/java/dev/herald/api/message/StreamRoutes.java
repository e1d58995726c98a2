package dev.herald.api.message;

import dev.herald.api.channel.ChannelName;
import dev.herald.api.http.Call;
import dev.herald.api.http.Fields;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.model.ChannelKey;
import dev.herald.model.ClientMsgNo;
import dev.herald.model.Payload;
import dev.herald.model.Uid;
import dev.herald.stream.KeyState;
import dev.herald.stream.StreamEvent;
import dev.herald.stream.StreamLog;
import dev.herald.stream.StreamMessage;
import dev.herald.stream.StreamMessages;
import io.vertx.core.Future;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Messages that come in parts, and what else happens to messages (wukong-interfaces sections 3.4 and 9.5). */
final class StreamRoutes {
    private static final int MAX_EVENT_ID_BYTES = 255;
    private static final int MAX_KEY_BYTES = 128;
    private static final int MAX_TYPE_BYTES = 64;
    private static final int DEFAULT_LIMIT = 200;

    /** As WuKongIM has it, a higher limit is the same as this one. */
    private static final int MAX_LIMIT = 2_000;

    private static final Set<String> VISIBILITIES = Set.of("", "public", StreamEvent.PRIVATE, StreamEvent.RESTRICTED);

    private final StreamMessages messages;
    private final StreamLog log;
    private final EventTelling telling;

    StreamRoutes(StreamMessages messages, StreamLog log, EventTelling telling) {
        this.messages = messages;
        this.log = log;
        this.telling = telling;
    }

    void mount(Routes routes) {
        routes.post("/message/event", this::append);
        routes.query("/message/eventsync", this::sync);
    }

    /**
     * The message that events belong to.
     *
     * @param channel as the caller spells it
     * @param from the caller's word on whose message it is; null if there is none
     */
    private record Address(
            ChannelKey channel, ChannelKey stored, @Nullable String from, String clientMsgNo) {
        static Address read(Fields fields) {
            boolean named = !fields.text("from_uid", Uid.MAX_BYTES).isEmpty();
            String from = named ? fields.uid("from_uid") : Uid.SYSTEM;
            ChannelKey stored = ChannelName.stored(fields, Optional.of(from), "from_uid");
            return new Address(
                    new ChannelKey(ChannelName.spelled(fields), stored.type()),
                    stored.isPerson() ? stored : stored.storedFor(from),
                    named ? from : null,
                    fields.requiredText("client_msg_no", ClientMsgNo.MAX_BYTES));
        }

        String sender() {
            return from == null ? Uid.SYSTEM : from;
        }

        /** Empty if the message is not there. */
        Future<Optional<StreamMessage>> find(StreamMessages messages) {
            return messages.find(stored, clientMsgNo, sender()).compose(found -> {
                boolean unknownSide = from == null && !stored.sides().isEmpty();
                return found.isPresent() || !unknownSide
                        ? Future.succeededFuture(found)
                        : messages.find(channel.type(), channel.id(), clientMsgNo);
            });
        }
    }

    private record Append(Address address, StreamEvent event) {
        static Append read(Fields fields) {
            Address address = Address.read(fields);
            String type =
                    fields.requiredText("event_type", MAX_TYPE_BYTES).strip().toLowerCase(Locale.ROOT);
            String key = fields.text("event_key", MAX_KEY_BYTES).strip();
            String visibility = fields.text("visibility", MAX_TYPE_BYTES);
            if (!VISIBILITIES.contains(visibility)) {
                fields.refuse("visibility", "must be public, private or restricted");
            }
            return new Append(
                    address,
                    new StreamEvent(
                            0,
                            type.equals(StreamEvent.FINISH)
                                    ? StreamEvent.WHOLE
                                    : key.isEmpty() ? StreamEvent.MAIN : key,
                            fields.requiredText("event_id", MAX_EVENT_ID_BYTES).strip(),
                            type,
                            visibility,
                            occurredAt(fields),
                            payload(fields)));
        }

        private static long occurredAt(Fields fields) {
            long given = fields.number("occurred_at", 0, Long.MAX_VALUE, 0);
            return given == 0 ? System.currentTimeMillis() : given;
        }

        private static String payload(Fields fields) {
            Object given = fields.raw("payload");
            String json = given == null ? "" : Json.encode(given);
            if (Payload.of(json).size() > Payload.MAX_BYTES) {
                fields.refuse("payload", "must not be longer than " + Payload.MAX_BYTES + " bytes");
            }
            return json;
        }
    }

    private Future<Reply> append(Call call) {
        Append wanted = call.read(Append::read);
        Address address = wanted.address;
        return address.find(messages).compose(found -> {
            StreamMessage message = found.orElseThrow(StreamMessages::unknown);
            String from = address.from == null ? message.fromUid() : address.from;
            return log.append(message, wanted.event).map(appended -> {
                if (appended.fresh()) {
                    telling.tell(message, from, address.clientMsgNo, wanted.event, appended);
                }
                return Reply.data(new JsonObject()
                        .put("client_msg_no", address.clientMsgNo)
                        .put("event_key", appended.event().key())
                        .put("event_id", appended.event().id())
                        .put("msg_event_seq", appended.event().seq())
                        .put("stream_status", appended.status())
                        .put("channel_id", address.channel.id())
                        .put("channel_type", address.channel.type())
                        .put("from_uid", from));
            });
        });
    }

    private Future<Reply> sync(Call call) {
        record Sync(Address address, String key, long after, int limit, boolean all) {}
        Sync sync = call.read(fields -> new Sync(
                Address.read(fields),
                fields.text("event_key", MAX_KEY_BYTES).strip(),
                fields.number("from_msg_event_seq", 0, Long.MAX_VALUE, 0),
                fields.integer("limit", 0, Integer.MAX_VALUE, 0),
                fields.flag("include_private")));
        int limit = sync.limit == 0 ? DEFAULT_LIMIT : Math.min(MAX_LIMIT, sync.limit);
        return sync.address
                .find(messages)
                .compose(found -> found.isEmpty()
                        ? Future.succeededFuture(List.<StreamEvent>of())
                        : log.read(found.get().id(), sync.key, sync.after, limit + 1, sync.all))
                .map(events -> {
                    List<StreamEvent> page = events.subList(0, Math.min(limit, events.size()));
                    return Reply.data(new JsonObject()
                            .put("client_msg_no", sync.address.clientMsgNo)
                            .put("from_msg_event_seq", sync.after)
                            .put(
                                    "next_msg_event_seq",
                                    page.isEmpty() ? sync.after : page.getLast().seq())
                            .put("more", Reply.bit(events.size() > page.size()))
                            .put("events", Reply.array(page, StreamRoutes::json))
                            .put("filtered_by_event_key", sync.key));
                });
    }

    private static JsonObject json(StreamEvent event) {
        JsonObject json = new JsonObject()
                .put("msg_event_seq", event.seq())
                .put("event_id", event.id())
                .put("event_key", event.key())
                .put("event_type", event.type())
                .put("visibility", event.visibility())
                .put("occurred_at", event.occurredAtMillis());
        Object payload = event.ends() ? closed(event) : event.value();
        return payload == null ? json : json.put("payload", payload);
    }

    /** An end is shown as what it closes, as WuKongIM shows it, with what it says of itself. */
    private static Object closed(StreamEvent end) {
        KeyState state = KeyState.of(List.of(end));
        Object whole = state.snapshot() == null ? JsonObject.of("status", state.status()) : state.snapshot();
        return whole instanceof JsonObject object ? MessageForms.withEnd(object.copy(), state) : whole;
    }
}
