package dev.herald.webhook.lane;

import dev.herald.eventlog.EventLog;
import io.vertx.sqlclient.Row;
import java.util.Comparator;

/**
 * What is delivered in order, one request at a time: a lane of an endpoint, or one key of it that goes its own way.
 *
 * @param key empty for the lane's other keys
 */
public record LaneKey(String endpoint, int lane, String key) {
    /** In which statements lock their lanes, so that no two wait for each other. */
    static final Comparator<LaneKey> ORDER = Comparator.comparing(LaneKey::endpoint)
            .thenComparingInt(LaneKey::lane)
            .thenComparing(LaneKey::key);

    /** Beside the log's lanes, for dead letters. */
    public static final int REPLAY = EventLog.LANES;

    public static LaneKey of(String endpoint, int lane) {
        return new LaneKey(endpoint, lane, "");
    }

    /** Reads the columns endpoint, lane and key. */
    public static LaneKey of(Row row) {
        return new LaneKey(row.getString("endpoint"), row.getInteger("lane"), row.getString("key"));
    }

    public boolean isSide() {
        return !key.isEmpty();
    }

    public LaneKey main() {
        return of(endpoint, lane);
    }
}
