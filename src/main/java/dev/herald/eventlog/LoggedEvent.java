package dev.herald.eventlog;

import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An event as the log holds it.
 *
 * @param key what it is kept in order with
 * @param data a JSON object unless something went wrong
 */
public record LoggedEvent(Position at, String type, String key, Object data, Instant createdAt) {
    private static final String ID_PREFIX = "evt_";

    /** Reads the columns txid, id, type, key, data and created_at. */
    public static LoggedEvent of(Row row) {
        return new LoggedEvent(
                new Position(row.getLong("txid"), row.getLong("id")),
                row.getString("type"),
                row.getString("key"),
                row.getValue("data"),
                row.getOffsetDateTime("created_at").toInstant());
    }

    /** Its data, if nothing went wrong. */
    public JsonObject json() {
        return (JsonObject) data;
    }

    /** What receivers know it by, for ever. */
    public String id() {
        return id(at.id());
    }

    /** {@code {id, type, timestamp, data}}, as receivers get it. */
    public JsonObject envelope(@Nullable JsonObject shown) {
        return JsonObject.of("id", id(), "type", type, "timestamp", createdAt.toString())
                .put("data", shown);
    }

    public static String id(long number) {
        return ID_PREFIX + Long.toString(number, Character.MAX_RADIX);
    }

    /** The number in the log of an event's id, negative if it is none. */
    public static long number(String id) {
        try {
            return id.startsWith(ID_PREFIX)
                    ? Long.parseLong(id.substring(ID_PREFIX.length()), Character.MAX_RADIX)
                    : -1;
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
