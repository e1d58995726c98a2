package dev.herald.socket.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.message.PresenceMessage.UserState;
import dev.herald.model.DeviceFlag;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WatchesTest {
    private final Watches watches = new Watches(Watches.BOUND, Duration.ofMinutes(1));
    private final List<UserState> told = new ArrayList<>();

    @BeforeEach
    void watch() {
        watches.set(
                new Watches.Watcher() {
                    @Override
                    public boolean hasRoom() {
                        return true;
                    }

                    @Override
                    public void tell(UserState state) {
                        told.add(state);
                    }
                },
                Set.of("ada"));
    }

    @Test
    void another_device_to_show_is_told_also_where_it_has_no_version_of_its_own() {
        watches.take(online(DeviceFlag.APP), 0);
        watches.take(online(DeviceFlag.WEB), 0);
        watches.take(online(DeviceFlag.WEB), 0);
        assertThat(told).extracting(UserState::mainDeviceFlag).containsExactly(DeviceFlag.WEB);
    }

    /** The table does not know which device was the last one, the event does. */
    @Test
    void an_offline_that_was_read_before_its_event_came_is_told_once() {
        watches.take(online(DeviceFlag.WEB), 0);
        watches.take(offline(DeviceFlag.APP), 0);
        watches.take(offline(DeviceFlag.WEB), 0);
        assertThat(told).extracting(UserState::online).containsExactly(false);
    }

    private static UserState online(int flag) {
        return new UserState("ada", true, 5, 1, DeviceFlag.APP, flag, 0);
    }

    private static UserState offline(int flag) {
        return new UserState("ada", false, 6, 2, flag, flag, 0);
    }
}
