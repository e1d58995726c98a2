package dev.herald.eventlog;

import dev.herald.messagelog.MessageRow;
import dev.herald.model.ChannelKey;
import dev.herald.model.Uid;
import dev.herald.postgres.Columns;
import dev.herald.wukong.MessageJson;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What events tell: their data, or the stored message that it points to. */
public final class EventContents {
    private static final long DEADLINE_SECONDS = 5;

    /** Of payloads at once, but for one that is larger alone. */
    private static final int MAX_BYTES = 1 << 20;

    private static final String READ = """
            select m.channel, %s,
                case when row_number() over list = 1 or sum(octet_length(m.payload)) over list <= %d
                    then m.payload end as payload
            from unnest($1::bigint[], $2::bigint[]) with ordinality as wanted(channel, seq, nth)
                join message m using (channel, seq)
            window list as (order by nth)""".formatted(MessageRow.COLUMNS, MAX_BYTES);

    private final SqlClient client;

    public EventContents(SqlClient client) {
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

    /** Loads what these events point to, or the first of them: memory holds few that are large. */
    public Future<Contents> read(List<LoggedEvent> events) {
        List<Place> places = events.stream()
                .filter(EventContents::pointsToMessage)
                .map(Place::of)
                .flatMap(Optional::stream)
                .distinct()
                .toList();
        if (places.isEmpty()) {
            return Future.succeededFuture(new Contents(Map.of()));
        }
        return client.preparedQuery(READ)
                .execute(Columns.of(places)
                        .longs(Place::channel)
                        .longs(Place::seq)
                        .tuple())
                .timeout(DEADLINE_SECONDS, TimeUnit.SECONDS)
                .map(rows -> {
                    Map<Place, Row> found = new HashMap<>();
                    rows.forEach(row -> found.put(new Place(row.getLong("channel"), row.getLong("seq")), row));
                    return new Contents(found);
                });
    }

    private static boolean pointsToMessage(LoggedEvent event) {
        return event.type().equals(EventType.MESSAGE_NOTIFY.value())
                || event.type().equals(EventType.MESSAGE_OFFLINE.value());
    }

    /** What one list of events tells. */
    public static final class Contents {
        private final Map<Place, Row> messages;

        private Contents(Map<Place, Row> messages) {
            this.messages = messages;
        }

        /** False for an event that, after those before it, was too much to be loaded. */
        public boolean holds(LoggedEvent event) {
            return !pointsToMessage(event)
                    || Place.of(event)
                            .map(messages::get)
                            .map(row -> row.getValue("payload") != null)
                            .orElse(true);
        }

        /**
         * The data of the Standard Webhooks form.
         *
         * @throws RuntimeException if the event cannot be shown
         */
        public JsonObject of(LoggedEvent event) {
            JsonObject data = (JsonObject) event.data();
            return pointsToMessage(event) ? message(event, data) : data;
        }

        /** An event for offline receivers names them, and the system account, too. */
        private JsonObject message(LoggedEvent event, JsonObject data) {
            boolean offline = event.type().equals(EventType.MESSAGE_OFFLINE.value());
            JsonObject json =
                    data.getValue("message") instanceof JsonObject whole ? whole.copy() : stored(event, data, offline);
            if (offline) {
                return json.put("to_uids", Objects.requireNonNull(data.getJsonArray("to_uids")));
            }
            return Uid.SYSTEM.equals(json.getString("from_uid")) ? json.put("from_uid", "") : json;
        }

        private JsonObject stored(LoggedEvent event, JsonObject data, boolean withSystem) {
            Row row = Objects.requireNonNull(messages.get(Place.of(event).orElseThrow()), "the message is gone");
            String channelId = Objects.requireNonNull(data.getString("channel_id"), "channel_id");
            int channelType = Objects.requireNonNull(data.getInteger("channel_type"), "channel_type");
            JsonObject json = MessageJson.of(MessageRow.shownIn(new ChannelKey(channelId, channelType), row));
            return withSystem ? json.put("from_uid", row.getString("from_uid")) : json;
        }
    }
}
