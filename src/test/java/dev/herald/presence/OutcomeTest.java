package dev.herald.presence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.eventlog.EventLog;
import dev.herald.eventlog.EventLog.NewEvent;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;

class OutcomeTest {
    private static final long ID = SessionInfo.id(7, 1);

    @Test
    void a_change_of_nothing_has_no_edges() {
        assertThat(Outcome.parse("u1", "x.1 end 12 3")).isEqualTo(new Outcome("end", 12, 3, List.of(), List.of()));
    }

    @Test
    void removed_sessions_are_told_apart_by_how_they_are_closed() {
        Outcome outcome = Outcome.parse("u1", "x.1 open 12 1 -4:0:1 -5:0:0");

        assertThat(outcome.closed(true)).containsExactly(4L);
        assertThat(outcome.closed(false)).containsExactly(5L);
        assertThat(outcome.edges()).isEmpty();
    }

    @Test
    void an_edge_becomes_an_event_that_is_named_by_its_version() {
        Outcome outcome = Outcome.parse(
                "a:b",
                "x.1 kick 13 0 -4:0:0 -%d:1:0 +12:0:0:0:1:4:kicked:98 +13:1:0:0:0:%d:kicked:99".formatted(ID, ID));

        List<NewEvent> events = outcome.edges().stream().map(Edge::event).toList();

        assertThat(events).extracting(NewEvent::dedupeKey).containsExactly("a:b:12", "a:b:13");
        assertThat(events.get(1))
                .isEqualTo(new NewEvent(
                        EventLog.USER_ONLINE_STATUS,
                        "u:a:b",
                        new JsonObject()
                                .put("uid", "a:b")
                                .put("device_flag", 1)
                                .put("online", 0)
                                .put("conn_id", ID)
                                .put("device_online_count", 0)
                                .put("total_online_count", 0)
                                .put("version", 13L)
                                .put("reason", "kicked")
                                .put("node", 7L)
                                .put("at", 99L),
                        "a:b:13"));
    }

    @Test
    void an_edge_tells_which_way_it_goes() {
        assertThat(Outcome.parse("u1", "x.1 open 12 1 +11:0:0:0:0:3:close:98 +12:0:1:1:4:4:connect:99")
                        .edges())
                .extracting(Edge::online, Edge::total)
                .containsExactly(Tuple.tuple(false, 0), Tuple.tuple(true, 4));
    }
}
