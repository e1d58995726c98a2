package dev.herald.presencelog;

import io.vertx.core.json.JsonObject;
import java.util.Map;

/**
 * A user, or one device of a user who stays online, came online or went offline.
 *
 * @param version of the user's presence that it made: it belongs to no other edge of the user
 * @param scope whether the user went with the device
 * @param online of the user and the device in scope {@code USER}, else of the device
 * @param devices live sessions per device flag after it, without those that have none
 * @param sessionId that brought the device online: it names the online and its offline
 * @param node incarnation of the node whose session came or went
 * @param sinceMs when the user came online or went offline, in scope {@code USER} the same as {@code atMs}
 * @param atMs by Redis' clock
 */
public record Edge(
        String uid,
        long version,
        Scope scope,
        boolean online,
        int deviceFlag,
        Map<Integer, Integer> devices,
        long sessionId,
        long node,
        String reason,
        long sinceMs,
        long atMs) {

    public enum Scope {
        USER("user"),
        DEVICE("device");

        private final String word;

        Scope(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    public Edge {
        devices = Map.copyOf(devices);
    }

    /** An edge of one device only leaves the user online, on another. */
    public boolean userOnline() {
        return online || scope == Scope.DEVICE;
    }

    /** The body of the event; ids are texts because they do not fit the numbers of JavaScript. */
    public JsonObject data() {
        return new JsonObject()
                .put("uid", uid)
                .put("online", online)
                .put("scope", scope.word())
                .put("version", version)
                .put("reason", reason)
                .put("device_flag", deviceFlag)
                .put("device_online_count", devices.getOrDefault(deviceFlag, 0))
                .put("total_online_count", total())
                .put("devices", devicesJson())
                .put("session_id", Long.toString(sessionId))
                .put("node", node)
                .put("since", sinceMs)
                .put("at", atMs);
    }

    JsonObject devicesJson() {
        JsonObject json = new JsonObject();
        devices.keySet().stream().sorted().forEach(flag -> json.put(flag.toString(), devices.get(flag)));
        return json;
    }

    private int total() {
        return devices.values().stream().mapToInt(Integer::intValue).sum();
    }
}
