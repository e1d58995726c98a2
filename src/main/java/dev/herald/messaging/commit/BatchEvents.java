package dev.herald.messaging.commit;

import dev.herald.eventlog.EventLog.NewEvent;
import dev.herald.eventlog.EventType;
import dev.herald.messaging.judge.Accepted;
import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import dev.herald.wukong.MessageJson;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.IntStream;

/** What the event log holds of messages, for those back ends that want to be told of them. */
final class BatchEvents {
    private BatchEvents() {}

    /** Of those that were not stored before. */
    static List<NewEvent> stored(List<Accepted> batch, List<Stored> places) {
        return IntStream.range(0, places.size())
                .filter(i -> !places.get(i).again())
                .mapToObj(i -> stored(batch.get(i), places.get(i)))
                .toList();
    }

    /** It names the message; one that has an end may be gone before it is told, so its event holds it, too. */
    private static NewEvent stored(Accepted accepted, Stored place) {
        JsonObject data = channel(accepted).put("seq", place.seq());
        if (accepted.pending().message().expireSeconds() > 0) {
            data.put("message", whole(place.delivery(accepted.pending().message())));
        }
        return new NewEvent(
                EventType.MESSAGE_NOTIFY, NewEvent.channelKey(accepted.channel().pk()), data);
    }

    /** Of messages that are delivered without being stored. */
    static List<NewEvent> passed(List<Accepted> batch, List<Delivery> deliveries) {
        return IntStream.range(0, batch.size())
                .mapToObj(i -> new NewEvent(
                        EventType.MESSAGE_PASSED,
                        NewEvent.channelKey(batch.get(i).channel().pk()),
                        channel(batch.get(i)).put("message", whole(deliveries.get(i)))))
                .toList();
    }

    private static JsonObject whole(Delivery delivery) {
        return MessageJson.of(delivery).put("from_uid", delivery.fromUid());
    }

    private static JsonObject channel(Accepted accepted) {
        ChannelKey channel = accepted.pending().message().channel();
        return new JsonObject()
                .put("channel", accepted.channel().pk())
                .put("channel_id", channel.id())
                .put("channel_type", channel.type());
    }
}
