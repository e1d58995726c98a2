package dev.herald.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class GateTest {
    private static final long PAUSE = Duration.ofSeconds(1).toNanos();

    private final Gate gate = new Gate(16, Duration.ofSeconds(1));

    @Test
    void gives_all_the_room_while_only_some_batches_fail() {
        for (int i = 0; i < 10; i++) {
            gate.failed(0);
            gate.failed(0);
            assertThat(gate.room(6, 0)).isEqualTo(10);
            assertThat(gate.succeeded()).isFalse();
        }
    }

    @Test
    void probes_one_at_a_time_with_pauses_while_the_endpoint_fails() {
        for (int i = 0; i < Gate.FAILURES; i++) {
            gate.failed(5);
        }
        assertThat(gate.room(0, 5 + PAUSE - 1)).isZero();
        assertThat(gate.room(0, 5 + PAUSE)).isEqualTo(1);
        assertThat(gate.room(1, 5 + PAUSE)).isZero();
    }

    @Test
    void says_once_that_the_endpoint_is_back() {
        for (int i = 0; i < Gate.FAILURES; i++) {
            gate.failed(0);
        }
        assertThat(gate.succeeded()).isTrue();
        assertThat(gate.succeeded()).isFalse();
        assertThat(gate.room(0, 0)).isEqualTo(16);
    }
}
