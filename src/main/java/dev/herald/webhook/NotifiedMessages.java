package dev.herald.webhook;

import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import dev.herald.model.Payload;
import dev.herald.wukong.MessageJson;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The messages that {@code msg.notify} events point to. */
final class NotifiedMessages {
    private static final long DEADLINE_SECONDS = 5;

    private static final String READ = """
            select m.channel, m.seq, m.id, m.from_uid, m.client_msg_no, m.flags, m.setting, m.expire, m.topic, m.payload,
                floor(extract(epoch from m.created_at))::bigint as seconds
            from unnest($1::bigint[], $2::bigint[]) as wanted(channel, seq) join message m using (channel, seq)""";

    private final SqlClient client;

    NotifiedMessages(SqlClient client) {
        this.client = client;
    }

    /** @param channel the primary key of the channel */
    private record Place(long channel, long seq) {
        static Optional<Place> of(LoggedEvent event) {
            return event.data() instanceof JsonObject data
                            && data.getValue("channel") instanceof Number channel
                            && data.getValue("seq") instanceof Number seq
                    ? Optional.of(new Place(channel.longValue(), seq.longValue()))
                    : Optional.empty();
        }
    }

    Future<Found> read(List<LoggedEvent> events) {
        List<Place> places =
                events.stream().map(Place::of).flatMap(Optional::stream).toList();
        Long[] channels = places.stream().map(Place::channel).toArray(Long[]::new);
        Long[] seqs = places.stream().map(Place::seq).toArray(Long[]::new);
        return client.preparedQuery(READ)
                .execute(Tuple.tuple().addArrayOfLong(channels).addArrayOfLong(seqs))
                .timeout(DEADLINE_SECONDS, TimeUnit.SECONDS)
                .map(rows -> {
                    Map<Place, Row> found = new HashMap<>();
                    rows.forEach(row -> found.put(new Place(row.getLong("channel"), row.getLong("seq")), row));
                    return new Found(found);
                });
    }

    /** The rows of one batch. */
    record Found(Map<Place, Row> rows) {
        /** @throws RuntimeException if the event names no message that exists */
        JsonObject render(LoggedEvent event) {
            JsonObject data = (JsonObject) event.data();
            if (data.getValue("message") instanceof JsonObject message) {
                return message;
            }
            Row row = Objects.requireNonNull(rows.get(Place.of(event).orElseThrow()), "the message is gone");
            String channelId = Objects.requireNonNull(data.getString("channel_id"), "channel_id");
            int channelType = Objects.requireNonNull(data.getInteger("channel_type"), "channel_type");
            return MessageJson.of(delivery(row, new ChannelKey(channelId, channelType)));
        }
    }

    private static Delivery delivery(Row row, ChannelKey channel) {
        return new Delivery(
                row.getLong("id"),
                row.getLong("seq"),
                row.getString("from_uid"),
                channel,
                row.getString("client_msg_no"),
                Delivery.Header.ofBits(row.getInteger("flags")),
                row.getInteger("setting"),
                row.getLong("expire"),
                row.getString("topic"),
                row.getLong("seconds"),
                Payload.of(row.get(Buffer.class, "payload").getBytes()));
    }
}
