package dev.herald.presence.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SuspectsTest {
    private static final int BOUND = 10;

    private final AtomicLong clock = new AtomicLong();
    private final Suspects suspects = new Suspects(clock::get, BOUND, uid -> uid.startsWith("vip"));

    @Test
    void a_second_passes_between_two_looks_and_repeats_do_not_prolong_it() {
        suspects.add(List.of("u1"));
        pass(Duration.ofMillis(900));
        suspects.add(List.of("u1", "u2"));
        assertThat(suspects.due(BOUND)).isEmpty();
        pass(Duration.ofMillis(100));
        assertThat(suspects.due(BOUND)).containsExactly("u1");
        assertThat(suspects.size()).isOne();
    }

    @Test
    void priority_users_go_before_those_who_wait_for_longer() {
        suspects.add(List.of("u1", "u2"));
        pass(Duration.ofSeconds(1));
        suspects.add(List.of("vip1"));
        pass(Duration.ofSeconds(1));
        assertThat(suspects.due(2)).containsExactly("vip1", "u1");
        assertThat(suspects.due(2)).containsExactly("u2");
    }

    @Test
    void who_is_found_by_a_walk_that_waits_at_the_bound_is_not_dropped() {
        suspects.add(uids(0, BOUND - 1));
        assertThat(suspects.hasRoom()).isTrue();
        suspects.add(uids(BOUND - 1, BOUND + 5));
        assertThat(suspects.hasRoom()).isFalse();
        assertThat(suspects.size()).isEqualTo(BOUND + 5);
        suspects.add(uids(BOUND + 5, 5 * BOUND));
        assertThat(suspects.size()).isEqualTo(2 * BOUND);
        pass(Duration.ofSeconds(1));
        suspects.due(BOUND + 1);
        assertThat(suspects.hasRoom()).isTrue();
    }

    private void pass(Duration time) {
        clock.addAndGet(time.toNanos());
    }

    private static List<String> uids(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "u" + i).toList();
    }
}
