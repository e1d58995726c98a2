package dev.herald.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FenceTest {
    private final long start = System.nanoTime();
    private final Fence fence = new Fence();

    @BeforeEach
    void take_a_lease() {
        fence.beat(at(0), at(15));
    }

    @Test
    void a_sleep_that_the_lease_outlasts_ends_nothing() {
        assertThat(fence.term(at(14))).isZero();
        assertThat(fence.beat(at(14), at(15))).isZero();
    }

    @Test
    void who_comes_first_after_a_longer_sleep_ends_the_term_for_all() {
        assertThat(fence.term(at(16))).isEqualTo(1);
        assertThat(fence.term(at(17))).isEqualTo(1);
        assertThat(fence.beat(at(17), at(15))).isEqualTo(1);
    }

    @Test
    void the_beat_notices_too() {
        assertThat(fence.beat(at(16), at(15))).isEqualTo(1);
        assertThat(fence.term(at(17))).isEqualTo(1);
    }

    @Test
    void a_beat_with_a_renewed_lease_does_not_hide_the_sleep() {
        assertThat(fence.beat(at(16), at(30))).isEqualTo(1);
    }

    @Test
    void each_sleep_is_a_term() {
        assertThat(fence.term(at(20))).isEqualTo(1);
        fence.beat(at(20), at(35));
        assertThat(fence.term(at(40))).isEqualTo(2);
    }

    @Test
    void a_lease_that_ended_while_awake_is_no_sleep() {
        fence.beat(at(14), at(15));
        fence.beat(at(15), at(15));
        fence.beat(at(16), at(15));
        assertThat(fence.term(at(18))).isZero();
    }

    @Test
    void before_there_was_a_lease_nothing_can_be_lost() {
        assertThat(new Fence().term(at(100))).isZero();
    }

    private long at(long seconds) {
        return start + Duration.ofSeconds(seconds).toNanos();
    }
}
