package dev.herald.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class TallyTest {
    private static final long A = 1;
    private static final long B = 2;

    private final Tally a = new Tally();
    private final Tally b = new Tally();

    @Test
    void a_loss_is_found_by_the_second_ping_after_it_and_told_once() {
        begin();
        send(3);
        assertThat(ping()).isFalse();
        lose(2);
        assertThat(ping()).isFalse();
        assertThat(ping()).isTrue();
        assertThat(ping()).isFalse();
        send(1);
        assertThat(ping()).isFalse();
        assertThat(ping()).isFalse();
    }

    @Test
    void a_ping_that_overtakes_or_is_overtaken_is_no_loss() {
        begin();
        a.sentTo(B);
        assertThat(ping()).isFalse();
        b.received(A);
        assertThat(ping()).isFalse();
        assertThat(ping()).isFalse();
        b.received(A);
        assertThat(ping()).isFalse();
        a.sentTo(B);
        assertThat(ping()).isFalse();
        assertThat(ping()).isFalse();
    }

    @Test
    void what_was_sent_before_a_node_came_is_looked_for_once() {
        lose(100);
        assertThat(ping()).isFalse();
        assertThat(ping()).isTrue();
        send(5);
        assertThat(ping()).isFalse();
        assertThat(ping()).isFalse();
    }

    @Test
    void what_goes_to_all_counts_for_each() {
        begin();
        a.sentToAll();
        assertThat(ping()).isFalse();
        assertThat(ping()).isTrue();
    }

    @Test
    void a_node_that_was_taken_for_dead_begins_anew() {
        begin();
        lose(1);
        a.retain(Set.of());
        b.retain(Set.of());
        assertThat(ping()).isFalse();
        assertThat(ping()).isFalse();
        lose(1);
        assertThat(ping()).isFalse();
        assertThat(ping()).isTrue();
    }

    private void begin() {
        assertThat(ping()).isFalse();
        assertThat(ping()).isFalse();
    }

    private void send(int count) {
        for (int i = 0; i < count; i++) {
            a.sentTo(B);
            b.received(A);
        }
    }

    private void lose(int count) {
        for (int i = 0; i < count; i++) {
            a.sentTo(B);
        }
    }

    private boolean ping() {
        return b.misses(A, a.sent(B));
    }
}
