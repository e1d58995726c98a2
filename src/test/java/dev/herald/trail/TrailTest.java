package dev.herald.trail;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.message.SocketMessage.TraceStep;
import org.junit.jupiter.api.Test;

class TrailTest {
    private final Trail trail = new Trail();

    @Test
    void tells_the_steps_of_one_in_their_order() {
        trail.sent(7, "ann", 1, false);
        trail.pushed(8, 5_000);
        trail.sent(7, "ann", 1, true);
        trail.acknowledged(7, "ann", 1);
        assertThat(trail.of(7)).extracting(TraceStep::what).containsExactly("sent", "sent again", "acknowledged");
        assertThat(trail.of(7)).allSatisfy(step -> {
            assertThat(step.uid()).isEqualTo("ann");
            assertThat(step.deviceFlag()).isEqualTo(1);
        });
        assertThat(trail.of(8)).singleElement().extracting(TraceStep::receivers).isEqualTo(5_000);
    }

    @Test
    void who_acknowledged_a_message_is_noted_if_it_went_to_few() {
        trail.pushed(7, Trail.FEW);
        trail.pushed(8, Trail.FEW + 1);
        trail.acknowledgedMessage(7, "ann", 1);
        trail.acknowledgedMessage(8, "ann", 1);
        trail.acknowledgedMessage(9, "ann", 1);
        assertThat(trail.of(7)).extracting(TraceStep::what).containsExactly("pushed", "acknowledged");
        assertThat(trail.of(8)).extracting(TraceStep::what).containsExactly("pushed");
        assertThat(trail.of(9)).isEmpty();
    }

    @Test
    void what_was_refused_has_no_way() {
        trail.requested(1_000, 0, "request-1");
        assertThat(trail.of(0)).isEmpty();
    }

    @Test
    void tells_who_asked_and_who_has_it_in_the_list() {
        trail.requested(1_000, 7, "request-1");
        trail.listed(7, 250);
        trail.received(2_000, 8, "ann", 1);
        assertThat(trail.of(7)).extracting(TraceStep::what).containsExactly("requested", "in inboxes");
        assertThat(trail.of(7)).extracting(TraceStep::request).containsExactly("request-1", "");
        assertThat(trail.of(7)).extracting(TraceStep::receivers).containsExactly(0, 250);
        assertThat(trail.of(8)).containsExactly(new TraceStep(2_000, "received", "ann", 1, 1, ""));
    }

    @Test
    void forgets_the_oldest() {
        trail.sent(7, "ann", 1, false);
        for (int i = 0; i < Trail.KEPT - 1; i++) {
            trail.sent(8, "ben", 1, false);
        }
        assertThat(trail.of(7)).hasSize(1);
        trail.acknowledged(7, "ann", 1);
        assertThat(trail.of(7)).extracting(TraceStep::what).containsExactly("acknowledged");
        assertThat(trail.of(8)).hasSize(Trail.KEPT - 1);
    }
}
