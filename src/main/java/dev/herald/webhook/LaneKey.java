package dev.herald.webhook;

import dev.herald.eventlog.EventLog;
import io.vertx.sqlclient.Row;

/**
 * What is delivered in order, one request at a time: a lane of an endpoint, or one key of it that goes its own way.
 *
 * @param key empty for the lane's other keys
 */
record LaneKey(String endpoint, int lane, String key) {
    /** Beside the log's lanes, for dead letters. */
    static final int REPLAY = EventLog.LANES;

    static LaneKey of(String endpoint, int lane) {
        return new LaneKey(endpoint, lane, "");
    }

    /** Reads the columns endpoint, lane and key. */
    static LaneKey of(Row row) {
        return new LaneKey(row.getString("endpoint"), row.getInteger("lane"), row.getString("key"));
    }

    boolean isSide() {
        return !key.isEmpty();
    }

    LaneKey main() {
        return of(endpoint, lane);
    }
}
