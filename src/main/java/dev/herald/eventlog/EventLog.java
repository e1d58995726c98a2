package dev.herald.eventlog;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.List;

/** Where events are recorded; once the transaction commits, each reaches every endpoint at least once. */
public final class EventLog {
    /** Events of one key share a lane, and a lane is delivered in order. */
    public static final int LANES = 64;

    /** A user's device came online or went offline. */
    public static final String USER_ONLINE_STATUS = "user.onlinestatus";

    /** A message was stored. */
    public static final String MESSAGE_NOTIFY = "msg.notify";

    private static final String APPEND = """
            insert into event (lane, type, key, data)
            select l, t, k, d from unnest($1::smallint[], $2::text[], $3::text[], $4::jsonb[]) with ordinality as t(l, t, k, d, o)
            order by o""";

    private EventLog() {}

    /**
     * An event to be recorded.
     *
     * @param key what is kept in order: {@code u:} and a uid, or {@code c:} and a channel's primary key
     */
    public record NewEvent(String type, String key, JsonObject data) {
        public static String userKey(String uid) {
            return "u:" + uid;
        }

        public static String channelKey(long channelPk) {
            return "c:" + channelPk;
        }

        short lane() {
            return (short) Math.floorMod(key.hashCode(), LANES);
        }
    }

    /** Appends in the given order; hand in the connection of the transaction that causes the events. */
    public static Future<Void> append(SqlClient client, List<NewEvent> events) {
        if (events.isEmpty()) {
            return Future.succeededFuture();
        }
        return client.preparedQuery(APPEND)
                .execute(Tuple.of(
                        events.stream().map(NewEvent::lane).toArray(Short[]::new),
                        events.stream().map(NewEvent::type).toArray(String[]::new),
                        events.stream().map(NewEvent::key).toArray(String[]::new),
                        events.stream().map(NewEvent::data).toArray(JsonObject[]::new)))
                .mapEmpty();
    }
}
