package dev.herald.socket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.message.SocketMessage.TraceStep;
import dev.herald.socket.Trail.Step;
import org.junit.jupiter.api.Test;

class TrailTest {
    private final Trail trail = new Trail();

    @Test
    void tells_the_steps_of_one_in_their_order() {
        trail.note(Step.SENT, 7, "ann", 1);
        trail.pushed(8, 5_000);
        trail.note(Step.SENT_AGAIN, 7, "ann", 1);
        trail.note(Step.ACKNOWLEDGED, 7, "ann", 1);
        assertThat(trail.of(7)).extracting(TraceStep::what).containsExactly("sent", "sent again", "acknowledged");
        assertThat(trail.of(7)).allSatisfy(step -> {
            assertThat(step.uid()).isEqualTo("ann");
            assertThat(step.deviceFlag()).isEqualTo(1);
        });
        assertThat(trail.of(8)).singleElement().extracting(TraceStep::receivers).isEqualTo(5_000);
        assertThat(trail.of(0)).isEmpty();
    }

    @Test
    void forgets_the_oldest() {
        trail.note(Step.SENT, 7, "ann", 1);
        for (int i = 0; i < Trail.KEPT - 1; i++) {
            trail.note(Step.SENT, 8, "ben", 1);
        }
        assertThat(trail.of(7)).hasSize(1);
        trail.note(Step.ACKNOWLEDGED, 7, "ann", 1);
        assertThat(trail.of(7)).extracting(TraceStep::what).containsExactly("acknowledged");
        assertThat(trail.of(8)).hasSize(Trail.KEPT - 1);
    }
}
