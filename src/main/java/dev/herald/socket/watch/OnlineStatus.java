package dev.herald.socket.watch;

import dev.herald.bus.message.PresenceMessage.UserState;
import dev.herald.presencelog.PresenceJson;
import dev.herald.socket.delivery.Unstored;
import dev.herald.wire.Frame.Recv;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** How a user stands, as watchers are told it: TSDD's command onlineStatus (wukong-interfaces section 5.8), with a version. */
final class OnlineStatus {
    private @Nullable UserState last;
    private @Nullable Recv form;

    /** The same for all who are told of it one after the other. */
    @SuppressWarnings("ReferenceEquality")
    Recv of(UserState state) {
        Recv known = form;
        if (known != null && last == state) {
            return known;
        }
        Recv made = Unstored.command("onlineStatus", param(state));
        last = state;
        form = made;
        return made;
    }

    static JsonObject param(UserState state) {
        JsonObject param = new JsonObject()
                .put("uid", state.uid())
                .put("online", state.online() ? 1 : 0)
                .put("device_flag", state.deviceFlag())
                .put("main_device_flag", state.mainDeviceFlag());
        if (!state.online()) {
            param.put("all_offline", 1);
        }
        return param.put("status", PresenceJson.word(state.online(), state.active()))
                .put("version", state.version())
                .put("since", state.sinceMs());
    }
}
