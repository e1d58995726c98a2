package dev.herald.presencelog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.eventlog.EventSchemas;
import dev.herald.eventlog.EventType;
import dev.herald.presencelog.StatusEvent.Scope;
import dev.herald.presencelog.UserPresence.Told;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UserPresenceTest {
    private static final int APP = 0;
    private static final int WEB = 1;

    private final UserPresence nobody = UserPresence.unknown("u1");

    @Test
    void the_first_and_the_last_device_are_the_users() {
        Told told = nobody.tell(
                List.of(
                        edge(10, true, APP, Map.of(APP, 1)),
                        edge(20, true, WEB, Map.of(APP, 1, WEB, 1)),
                        edge(30, false, APP, Map.of(WEB, 1)),
                        edge(40, false, WEB, Map.of())),
                true);

        assertThat(told.events())
                .extracting(StatusEvent::scope)
                .containsExactly(Scope.USER, Scope.DEVICE, Scope.DEVICE, Scope.USER);
        assertThat(told.events()).extracting(StatusEvent::sinceMs).containsExactly(9L, 9L, 9L, 39L);
        assertThat(told.after())
                .isEqualTo(new UserPresence("u1", false, 40, 40, Instant.ofEpochMilli(39), "close", 7, Map.of()));
    }

    @Test
    void an_event_is_as_its_schema_says() {
        nobody.tell(List.of(edge(10, true, APP, Map.of(APP, 1)), edge(20, false, APP, Map.of())), true)
                .events()
                .forEach(event -> EventSchemas.assertDescribed(EventType.ONLINE_STATUS, event.data()));
    }

    @Test
    void what_was_told_already_is_no_news() {
        UserPresence online =
                nobody.tell(List.of(edge(10, true, APP, Map.of(APP, 1))), true).after();

        Told told = online.tell(List.of(edge(20, true, APP, Map.of(APP, 2))), true);

        assertThat(told.events()).isEmpty();
        assertThat(told.after().version()).isEqualTo(10);
        assertThat(told.after().seen()).isEqualTo(20);
        assertThat(told.after().since()).isEqualTo(Instant.ofEpochMilli(9));
        assertThat(told.after().devices()).isEqualTo(Map.of(APP, 2));
    }

    @Test
    void what_was_seen_already_is_passed_over() {
        UserPresence offline = nobody.tell(
                        List.of(edge(10, true, APP, Map.of(APP, 1)), edge(20, false, APP, Map.of())), true)
                .after();

        assertThat(offline.tell(List.of(edge(10, true, APP, Map.of(APP, 1))), true))
                .isEqualTo(new Told(offline, List.of()));
    }

    @Test
    void a_device_that_an_edge_does_not_name_was_told_all_the_same() {
        UserPresence both = nobody.tell(
                        List.of(edge(10, true, APP, Map.of(APP, 1)), edge(20, true, WEB, Map.of(APP, 1, WEB, 1))), true)
                .after();

        Told told = both.tell(List.of(edge(30, false, APP, Map.of())), true);

        assertThat(told.events()).extracting(StatusEvent::scope).containsExactly(Scope.DEVICE);
        assertThat(told.after().online()).isTrue();
        assertThat(told.after().devices()).isEqualTo(Map.of(WEB, 0));
    }

    @Test
    void events_of_devices_can_be_left_out_and_the_devices_are_known_all_the_same() {
        Told told = nobody.tell(
                List.of(
                        edge(10, true, APP, Map.of(APP, 1)),
                        edge(20, true, WEB, Map.of(APP, 1, WEB, 1)),
                        edge(30, false, APP, Map.of(WEB, 1))),
                false);

        assertThat(told.events()).extracting(event -> event.edge().version()).containsExactly(10L);
        assertThat(told.after().version()).isEqualTo(10);
        assertThat(told.after().devices()).isEqualTo(Map.of(WEB, 1));
        assertThat(told.after()
                        .tell(List.of(edge(40, false, WEB, Map.of())), false)
                        .events())
                .extracting(StatusEvent::scope)
                .containsExactly(Scope.USER);
    }

    @Test
    void an_event_says_it_all() {
        Edge edge = new Edge("u1", 12, false, APP, Map.of(WEB, 2), 1L << 40, 7, "kicked", 98, 97);

        assertThat(new StatusEvent(edge, Scope.DEVICE, 90).data())
                .isEqualTo(new JsonObject()
                        .put("uid", "u1")
                        .put("online", false)
                        .put("scope", "device")
                        .put("version", 12L)
                        .put("reason", "kicked")
                        .put("device_flag", 0)
                        .put("device_online_count", 0)
                        .put("total_online_count", 2)
                        .put("devices", new JsonObject().put("1", 2))
                        .put("session_id", "1099511627776")
                        .put("node", 7L)
                        .put("since", 90L)
                        .put("at", 98L));
    }

    private static Edge edge(long version, boolean online, int flag, Map<Integer, Integer> devices) {
        return new Edge("u1", version, online, flag, devices, 1, 7, online ? "connect" : "close", version, version - 1);
    }
}
