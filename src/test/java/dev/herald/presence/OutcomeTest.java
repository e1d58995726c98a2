package dev.herald.presence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.presencelog.Edge;
import dev.herald.presencelog.Edge.Scope;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
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
    void an_edge_is_read_whole_and_becomes_an_event() {
        Outcome outcome = Outcome.parse(
                "a:b",
                "x.1 kick 13 0 -4:0:0 +12:d:0:0:4:7.2:kicked:90:98:1=2 +13:u:0:1:%d:8.1:kicked:99:99:".formatted(ID));

        assertThat(outcome.edges())
                .containsExactly(
                        new Edge("a:b", 12, Scope.DEVICE, false, 0, Map.of(1, 2), 4, 7, "kicked", 90, 98),
                        new Edge("a:b", 13, Scope.USER, false, 1, Map.of(), ID, 8, "kicked", 99, 99));
        assertThat(outcome.edges()).extracting(Edge::userOnline).containsExactly(true, false);
        assertThat(outcome.edges().getFirst().data())
                .isEqualTo(new JsonObject()
                        .put("uid", "a:b")
                        .put("online", false)
                        .put("scope", "device")
                        .put("version", 12L)
                        .put("reason", "kicked")
                        .put("device_flag", 0)
                        .put("device_online_count", 0)
                        .put("total_online_count", 2)
                        .put("devices", new JsonObject().put("1", 2))
                        .put("session_id", "4")
                        .put("node", 7L)
                        .put("since", 90L)
                        .put("at", 98L));
    }
}
