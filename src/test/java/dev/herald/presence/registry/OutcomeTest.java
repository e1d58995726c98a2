package dev.herald.presence.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.presencelog.Edge;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OutcomeTest {
    private static final long ID = SessionInfo.id(7, 1);

    @Test
    void a_change_of_nothing_has_no_edges() {
        assertThat(Outcome.parse("u1", "x.1 end 12 -1 0 0 0 0"))
                .isEqualTo(new Outcome("end", 12, -1, 0, 0, 0, false, List.of(), List.of()));
    }

    @Test
    void removed_sessions_are_told_apart_by_how_they_are_closed() {
        Outcome outcome = Outcome.parse("u1", "x.1 open 12 250 1 2 3 1 -4:0:1 -5:0:0 -6:0:2");

        assertThat(outcome.closed(true)).containsExactly(4L);
        assertThat(outcome.closed(false)).containsExactly(5L, 6L);
        assertThat(outcome.crowded()).isEqualTo(1);
        assertThat(outcome.edges()).isEmpty();
        assertThat(outcome.changed()).isTrue();
        assertThat(List.of(outcome.waitMs(), outcome.cancelled(), outcome.added(), outcome.moved()))
                .isEqualTo(List.of(250L, 1, 2, 3));
    }

    @Test
    void an_edge_is_read_whole() {
        Outcome outcome = Outcome.parse(
                "a:b",
                "x.1 kick 13 -1 0 0 0 1 -4:0:0 +12:0:0:4:7.2:kicked:98:90:1=2,2=0 +13:1:1:%d:8.1:connect:99:99:"
                        .formatted(ID));

        assertThat(outcome.edges())
                .containsExactly(
                        new Edge("a:b", 12, false, 0, Map.of(1, 2, 2, 0), 4, 7, "kicked", 98, 90),
                        new Edge("a:b", 13, true, 1, Map.of(), ID, 8, "connect", 99, 99));
    }
}
