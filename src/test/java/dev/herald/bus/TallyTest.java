package dev.herald.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TallyTest {
    private static final long HERE = 1;
    private static final long THERE = 2;
    private static final long ELSEWHERE = 3;

    private final Tally sender = new Tally();
    private final Tally receiver = new Tally();

    @BeforeEach
    void meet() {
        sender.sentToAll();
        ping();
    }

    @Test
    void what_comes_is_not_missed_and_what_goes_to_others_is_not_counted() {
        for (int i = 0; i < 5; i++) {
            sender.sentToAll();
            sender.sent(HERE);
            sender.sent(ELSEWHERE);
            receiver.came(THERE);
            receiver.came(THERE);
            assertThat(ping()).isFalse();
        }
    }

    @Test
    void what_was_lost_is_missed_once_at_the_second_ping_after_it() {
        sender.sentToAll();
        sender.sent(HERE);
        receiver.came(THERE);
        assertThat(ping()).isFalse();
        assertThat(ping()).isTrue();
        assertThat(ping()).isFalse();
    }

    @Test
    void what_comes_between_a_ping_and_the_next_is_only_late() {
        sender.sent(HERE);
        assertThat(ping()).isFalse();
        receiver.came(THERE);
        assertThat(ping()).isFalse();
    }

    @Test
    void what_the_first_ping_overtook_hides_no_loss_for_long() {
        receiver.came(THERE);
        assertThat(ping()).isFalse();
        sender.sent(HERE);
        ping();
        assertThat(ping()).isTrue();
    }

    @Test
    void a_node_that_counts_anew_begins_anew() {
        sender.sent(HERE);
        receiver.came(THERE);
        ping();
        sender.retain(Set.of());
        assertThat(ping()).isFalse();
        sender.sent(HERE);
        ping();
        assertThat(ping()).isTrue();
    }

    private boolean ping() {
        return receiver.misses(THERE, sender.sentTo(HERE));
    }
}
