package dev.herald.presence.status;

import dev.herald.bus.message.PresenceMessage.UserState;
import dev.herald.model.DeviceFlag;
import dev.herald.presencelog.StatusEvent.Scope;
import dev.herald.presencelog.UserPresence;
import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.List;

/** What watchers are told, made of what the log tells. */
final class UserStateForms {
    /** Which of a user's devices is shown: the one to reach the user on. Any other kind comes after these. */
    private static final List<Integer> MAIN_FIRST = List.of(DeviceFlag.APP, DeviceFlag.PC, DeviceFlag.WEB);

    private UserStateForms() {}

    /** @param event as {@link dev.herald.presencelog.StatusEvent} writes it; a device's edge leaves its user online */
    static UserState of(JsonObject event) {
        int flag = event.getInteger("device_flag");
        boolean online = event.getBoolean("online") || event.getString("scope").equals(Scope.DEVICE.word());
        List<Integer> flags = event.getJsonObject("devices").fieldNames().stream()
                .map(Integer::valueOf)
                .toList();
        return new UserState(
                event.getString("uid"),
                online,
                event.getLong("version"),
                event.getLong("since"),
                flag,
                main(flags, flag),
                0);
    }

    static UserState of(UserPresence user) {
        int main = main(user.devices().keySet(), DeviceFlag.APP);
        return new UserState(
                user.uid(), user.online(), user.version(), user.since().toEpochMilli(), main, main, 0);
    }

    private static int main(Collection<Integer> flags, int otherwise) {
        return MAIN_FIRST.stream()
                .filter(flags::contains)
                .findFirst()
                .or(() -> flags.stream().sorted().findFirst())
                .orElse(otherwise);
    }
}
