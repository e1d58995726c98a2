package dev.herald.presencelog;

import dev.herald.bus.message.PresenceMessage.OnDevice;
import dev.herald.bus.message.PresenceMessage.Status;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** A user's presence as back ends and clients are shown it: in the words of the events, times in milliseconds. */
public final class PresenceJson {
    private PresenceJson() {}

    /** As events have told it. */
    public static JsonObject told(UserPresence user) {
        return new JsonObject()
                .put("uid", user.uid())
                .put("online", user.online())
                .put("version", user.version())
                .put("since", user.since().toEpochMilli())
                .put("reason", user.reason())
                .put("node", user.node())
                .put("devices", user.devicesJson());
    }

    public static JsonArray told(List<UserPresence> users) {
        JsonArray array = new JsonArray();
        users.forEach(user -> array.add(told(user)));
        return array;
    }

    /** Of whom nothing was ever told. */
    public static JsonObject unknown(String uid) {
        return new JsonObject().put("uid", uid).put("online", false).put("version", 0);
    }

    /**
     * As it is now.
     *
     * @param withNodes whether it says where: that is for back ends only
     */
    public static JsonObject status(Status user, boolean withNodes) {
        JsonObject json = new JsonObject()
                .put("uid", user.uid())
                .put("online", user.online())
                .put("status", word(user.online(), user.activeMs() > 0))
                .put("version", user.version());
        if (user.sinceMs() > 0) {
            json.put("since", user.sinceMs());
        }
        if (!user.online() && user.sinceMs() > 0) {
            json.put("last_seen", user.sinceMs());
        }
        if (user.activeMs() > 0) {
            json.put("last_active", user.activeMs());
        }
        JsonArray devices = new JsonArray();
        user.devices().forEach(device -> devices.add(device(device, withNodes)));
        return json.put("devices", devices);
    }

    /** The status of a user in one word. */
    public static String word(boolean online, boolean active) {
        if (!online) {
            return "offline";
        }
        return active ? "active" : "online";
    }

    private static JsonObject device(OnDevice device, boolean withNodes) {
        JsonObject json =
                new JsonObject().put("device_flag", device.deviceFlag()).put("count", device.count());
        return withNodes ? json.put("nodes", new JsonArray(device.nodes())) : json;
    }
}
