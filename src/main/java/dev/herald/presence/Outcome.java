package dev.herald.presence;

import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.eventlog.EventLog;
import dev.herald.eventlog.EventLog.NewEvent;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * What a change did, in the words of {@code session-change.lua}.
 *
 * @param verb of the change that was carried out
 * @param version of the user's presence after it
 * @param left sessions of the user on the asking node after it
 */
record Outcome(String verb, long version, int left, List<Removed> removed, List<FlagChange> flags) {

    /** @param silent the client is told nothing and is free to come back */
    record Removed(long id, int flag, boolean silent) {}

    /**
     * The sessions of one device flag are others than before.
     *
     * @param count of the flag, {@code total} of all flags, both as of {@code version}
     * @param edge 1: the flag came online, -1: it went offline, 0: neither
     * @param first id of the session that brought the flag online: it names the online and its offline
     */
    record FlagChange(int flag, int count, int total, long version, int edge, long first) {

        NewEvent event(String uid, String reason, long atMs) {
            JsonObject data = new JsonObject()
                    .put("uid", uid)
                    .put("device_flag", flag)
                    .put("online", edge > 0 ? 1 : 0)
                    .put("conn_id", first)
                    .put("device_online_count", count)
                    .put("total_online_count", total)
                    .put("version", version)
                    .put("reason", edge > 0 ? "connect" : reason)
                    .put("node", SessionInfo.incarnationOf(first))
                    .put("at", atMs);
            return new NewEvent(EventLog.USER_ONLINE_STATUS, NewEvent.userKey(uid), data);
        }
    }

    static Outcome parse(String text) {
        String[] words = text.split(" ", -1);
        List<Removed> removed = new ArrayList<>();
        List<FlagChange> flags = new ArrayList<>();
        for (int i = 4; i < words.length; i++) {
            String[] part = words[i].substring(1).split(":", -1);
            if (words[i].charAt(0) == '-') {
                removed.add(new Removed(Long.parseLong(part[0]), Integer.parseInt(part[1]), part[2].equals("1")));
            } else {
                flags.add(new FlagChange(
                        Integer.parseInt(part[0]),
                        Integer.parseInt(part[1]),
                        Integer.parseInt(part[2]),
                        Long.parseLong(part[3]),
                        Integer.parseInt(part[4]),
                        Long.parseLong(part[5])));
            }
        }
        return new Outcome(words[1], Long.parseLong(words[2]), Integer.parseInt(words[3]), removed, flags);
    }

    /** The events of the edges, in the order of their versions. */
    List<NewEvent> events(String uid, String reason, long atMs) {
        return flags.stream()
                .filter(flag -> flag.edge() != 0)
                .map(flag -> flag.event(uid, reason, atMs))
                .toList();
    }

    /** The removed sessions whose sockets are closed with, or without, a word. */
    List<Long> closed(boolean silent) {
        return removed.stream()
                .filter(session -> session.silent() == silent)
                .map(Removed::id)
                .toList();
    }
}
