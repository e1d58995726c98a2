package dev.herald.api.message;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.MessagingMessage.ChannelEvent;
import dev.herald.model.Uid;
import dev.herald.stream.StreamEvent;
import dev.herald.stream.StreamLog.Appended;
import dev.herald.stream.StreamMessage;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;

/** Tells all nodes of a stored event, for those of their clients who may see it. */
final class EventTelling {
    private final Bus bus;

    EventTelling(Bus bus) {
        this.bus = bus;
    }

    /**
     * What is not public goes at most to the devices of who sent the message.
     *
     * @param event as it came: who has what came before needs no more
     */
    void tell(StreamMessage message, String from, String clientMsgNo, StreamEvent event, Appended appended) {
        JsonObject data = new JsonObject()
                .put("client_msg_no", clientMsgNo)
                .put("channel_id", message.stored().id())
                .put("channel_type", message.stored().type())
                .put("from_uid", Uid.shown(from))
                .put("message_id", message.id())
                .put("event_key", event.key())
                .put("msg_event_seq", appended.event().seq())
                .put("stream_status", appended.status());
        if (!event.visibility().isEmpty()) {
            data.put("visibility", event.visibility());
        }
        if (!event.payload().isEmpty()) {
            data.put("payload", event.value());
        }
        List<String> sides = message.stored().isPerson() ? message.stored().sides() : List.of();
        if (event.visibility().equals(StreamEvent.PRIVATE)) {
            tellOne(message, message.fromUid(), event, appended, data);
        } else if (event.isPublic() && sides.isEmpty()) {
            publish(message, Set.of(), event, appended, data);
        } else if (event.isPublic()) {
            sides.stream().distinct().forEach(side -> tellOne(message, side, event, appended, data));
        }
    }

    /** Each side of a person channel knows it by the other one. */
    private void tellOne(StreamMessage message, String uid, StreamEvent event, Appended appended, JsonObject data) {
        if (!uid.equals(Uid.SYSTEM)) {
            String seen = Uid.shown(message.stored().seenBy(uid));
            publish(message, Set.of(uid), event, appended, data.copy().put("channel_id", seen));
        }
    }

    private void publish(
            StreamMessage message, Set<String> uids, StreamEvent event, Appended appended, JsonObject data) {
        bus.publish(
                Addresses.MESSAGE_EVENTS,
                new ChannelEvent(
                        message.channel(),
                        appended.revision(),
                        message.stored(),
                        uids,
                        event.id(),
                        event.type(),
                        event.occurredAtMillis(),
                        data.encode()));
    }
}
