package dev.herald.presence;

import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.eventlog.EventLog;
import dev.herald.eventlog.EventLog.NewEvent;
import io.vertx.core.json.JsonObject;

/**
 * A user's device came online or went offline, in the words of {@code session-change.lua}.
 *
 * @param version of the user's presence that it made: it belongs to no other edge of the user
 * @param count of the flag's sessions, {@code total} of all flags, both as of {@code version}
 * @param first id of the session that brought the flag online: it names the online and its offline
 * @param atMs by Redis' clock
 */
record Edge(
        String uid,
        long version,
        int flag,
        boolean online,
        int count,
        int total,
        long first,
        String reason,
        long atMs) {

    static Edge parse(String uid, String text) {
        String[] part = text.split(":", -1);
        return new Edge(
                uid,
                Long.parseLong(part[0]),
                Integer.parseInt(part[1]),
                part[2].equals("1"),
                Integer.parseInt(part[3]),
                Integer.parseInt(part[4]),
                Long.parseLong(part[5]),
                part[6],
                Long.parseLong(part[7]));
    }

    /** The same event whoever records it. */
    NewEvent event() {
        JsonObject data = new JsonObject()
                .put("uid", uid)
                .put("device_flag", flag)
                .put("online", online ? 1 : 0)
                .put("conn_id", first)
                .put("device_online_count", count)
                .put("total_online_count", total)
                .put("version", version)
                .put("reason", reason)
                .put("node", SessionInfo.incarnationOf(first))
                .put("at", atMs);
        return new NewEvent(EventLog.USER_ONLINE_STATUS, NewEvent.userKey(uid), data, uid + ":" + version);
    }
}
