package dev.herald.presencelog;

import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.time.Instant;

/**
 * What was last told of a user.
 *
 * @param version of the newest event of the user
 * @param since when the user came online or went offline
 * @param reason of the newest event
 * @param node incarnation of the node whose session came or went last
 * @param devices live sessions per device flag as of {@code version}
 */
public record UserPresence(
        String uid, boolean online, long version, Instant since, String reason, long node, JsonObject devices) {
    static final String COLUMNS = "uid, online, version, since, reason, node, devices";

    static UserPresence of(Row row) {
        return new UserPresence(
                row.getString("uid"),
                row.getBoolean("online"),
                row.getLong("version"),
                row.getOffsetDateTime("since").toInstant(),
                row.getString("reason"),
                row.getLong("node"),
                row.getJsonObject("devices"));
    }
}
