package dev.herald.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.herald.wire.WireException;
import org.junit.jupiter.api.Test;

class IntakeTest {
    private static final int MUCH = Intake.LITTLE + 1;

    private final NodeCounts counts = new NodeCounts();
    private final Memory memory = new Memory(() -> false, () -> 0, 0, counts.intakeBytes::sum, 2 * MUCH);
    private final Intake first = new Intake(counts, memory);
    private final Intake second = new Intake(counts, memory);
    private final Intake third = new Intake(counts, memory);

    @Test
    void counts_for_the_node_only_what_is_much_and_only_while_it_is_held() {
        assertThat(first.holds(Intake.LITTLE, false)).isTrue();
        assertThat(counts.intakeBytes.sum()).isZero();
        first.holds(MUCH, false);
        second.holds(MUCH, false);
        assertThat(counts.intakeBytes.sum()).isEqualTo(2 * MUCH);
        first.holds(1, false);
        second.release();
        assertThat(counts.intakeBytes.sum()).isZero();
    }

    @Test
    void whoever_adds_to_what_is_too_much_is_refused_and_nobody_else() {
        assertThat(first.holds(MUCH, false)).isTrue();
        assertThat(second.holds(MUCH, false)).isTrue();
        assertThat(third.holds(MUCH, false)).isFalse();
        assertThat(first.holds(MUCH, false)).isTrue();
        assertThat(first.holds(MUCH + 1, false)).isFalse();
    }

    @Test
    void a_connect_may_not_be_much() {
        assertThat(first.holds(Intake.LITTLE, true)).isTrue();
        assertThatThrownBy(() -> first.holds(MUCH, true))
                .isInstanceOf(WireException.class)
                .hasMessage("16385 bytes came and no CONNECT, the limit is 16384");
    }
}
