package dev.herald.presence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.eventlog.EventLog;
import dev.herald.eventlog.EventLog.NewEvent;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutcomeTest {
    private static final long ID = SessionInfo.id(7, 1);

    @Test
    void a_change_of_nothing_has_no_events() {
        Outcome outcome = Outcome.parse("x.1 end 12 3");

        assertThat(outcome).isEqualTo(new Outcome("end", 12, 3, List.of(), List.of()));
        assertThat(outcome.events("u1", "close", 5)).isEmpty();
    }

    @Test
    void removed_sessions_are_told_apart_by_how_they_are_closed() {
        Outcome outcome = Outcome.parse("x.1 open 12 1 -4:0:1 -5:0:0 =0:1:1:12:0:6");

        assertThat(outcome.closed(true)).containsExactly(4L);
        assertThat(outcome.closed(false)).containsExactly(5L);
        assertThat(outcome.events("u1", "replaced", 5)).isEmpty();
    }

    @Test
    void edges_become_events_in_the_order_of_their_versions() {
        Outcome outcome =
                Outcome.parse("x.1 kick 13 0 -4:0:0 -%d:1:0 =0:0:1:12:-1:4 =1:0:0:13:-1:%d".formatted(ID, ID));

        List<NewEvent> events = outcome.events("u1", "kicked", 99);

        assertThat(events).extracting(event -> event.data().getLong("version")).containsExactly(12L, 13L);
        assertThat(events.get(1))
                .isEqualTo(new NewEvent(
                        EventLog.USER_ONLINE_STATUS,
                        "u:u1",
                        new JsonObject()
                                .put("uid", "u1")
                                .put("device_flag", 1)
                                .put("online", 0)
                                .put("conn_id", ID)
                                .put("device_online_count", 0)
                                .put("total_online_count", 0)
                                .put("version", 13L)
                                .put("reason", "kicked")
                                .put("node", 7L)
                                .put("at", 99L)));
    }

    @Test
    void coming_online_is_a_connect_whatever_the_change_was_for() {
        JsonObject data = Outcome.parse("x.1 open 12 1 =0:1:4:12:1:4")
                .events("u1", "close", 99)
                .getFirst()
                .data();

        assertThat(data.getInteger("online")).isEqualTo(1);
        assertThat(data.getString("reason")).isEqualTo("connect");
        assertThat(data.getInteger("total_online_count")).isEqualTo(4);
    }
}
