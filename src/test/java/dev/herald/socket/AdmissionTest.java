package dev.herald.socket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.config.ConfigLoader;
import dev.herald.config.HeraldConfig;
import dev.herald.socket.transport.Entrance.Later;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private static final long OUTBOX_BOUND = 1_000;

    private final AtomicBoolean heapIsFull = new AtomicBoolean();
    private final AtomicLong outboxBytes = new AtomicLong();
    private final Memory memory = new Memory(heapIsFull::get, outboxBytes::get, OUTBOX_BOUND, () -> 0, 0);

    @Test
    void refuses_over_the_connections_until_one_leaves() {
        Admission admission = admission(2, 0);
        assertThat(admission.enter()).isEmpty();
        assertThat(admission.enter()).isEmpty();
        assertThat(admission.enter()).get().extracting(Later::reason).isEqualTo("connections");
        admission.leave();
        assertThat(admission.enter()).isEmpty();
    }

    @Test
    void refuses_over_the_rate_without_taking_a_place_and_gives_turns() {
        Admission admission = admission(3, 1);
        assertThat(admission.enter()).isEmpty();
        Later first = admission.enter().orElseThrow();
        Later second = admission.enter().orElseThrow();
        assertThat(first.reason()).isEqualTo("connect-rate");
        assertThat(second.in()).isGreaterThan(first.in());
        assertThat(second.text()).isEqualTo("connect-rate, come back in 2 s");
        assertThat(admission.tooManyLogins().in()).isGreaterThan(second.in());
    }

    @Test
    void refuses_while_memory_is_short_and_bounds_readers_tighter() {
        Admission admission = admission(100, 0);
        assertThat(memory.outboxBound(1_600)).isEqualTo(1_600);
        heapIsFull.set(true);
        memory.look();
        assertThat(admission.enter()).get().extracting(Later::reason).isEqualTo("memory");
        heapIsFull.set(false);
        outboxBytes.set(OUTBOX_BOUND + 1);
        memory.look();
        assertThat(admission.enter()).get().extracting(Later::reason).isEqualTo("memory");
        assertThat(memory.outboxBound(1_600)).isEqualTo(100);
        outboxBytes.set(OUTBOX_BOUND);
        memory.look();
        assertThat(admission.enter()).isEmpty();
    }

    private Admission admission(int connections, int rate) {
        HeraldConfig config = ConfigLoader.load(
                Map.of("ws.max-connections", Integer.toString(connections), "ws.connect-rate", Integer.toString(rate)));
        return new Admission(config.ws(), new NodeCounts(), memory);
    }
}
