package dev.herald.presencelog;

import io.vertx.core.json.JsonObject;
import java.util.Map;

/**
 * What is told of an edge.
 *
 * @param scope whether the user went with the device
 * @param sinceMs when the user came online or went offline; in scope {@code DEVICE} the user is online
 */
public record StatusEvent(Edge edge, Scope scope, long sinceMs) {

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

    /** The body of the event; ids are texts because they do not fit the numbers of JavaScript. */
    public JsonObject data() {
        return new JsonObject()
                .put("uid", edge.uid())
                .put("online", edge.online())
                .put("scope", scope.word())
                .put("version", edge.version())
                .put("reason", edge.reason())
                .put("device_flag", edge.deviceFlag())
                .put("device_online_count", edge.devices().getOrDefault(edge.deviceFlag(), 0))
                .put("total_online_count", total(edge.devices()))
                .put("devices", json(edge.devices()))
                .put("session_id", Long.toString(edge.sessionId()))
                .put("node", edge.node())
                .put("since", sinceMs)
                .put("at", edge.atMs());
    }

    static JsonObject json(Map<Integer, Integer> devices) {
        JsonObject json = new JsonObject();
        devices.keySet().stream().sorted().forEach(flag -> json.put(flag.toString(), devices.get(flag)));
        return json;
    }

    private static int total(Map<Integer, Integer> devices) {
        return devices.values().stream().mapToInt(Integer::intValue).sum();
    }
}
