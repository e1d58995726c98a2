package dev.herald.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FenceTest {
    private static final Duration LEASE = Duration.ofSeconds(15);

    private final long start = System.nanoTime();
    private final Fence fence = new Fence();

    @BeforeEach
    void take_a_lease() {
        beat(0, 15);
    }

    @Test
    void a_sleep_that_the_lease_outlasts_ends_nothing() {
        assertThat(fence.term(at(14))).isZero();
        assertThat(beat(14, 15)).isZero();
    }

    @Test
    void who_comes_first_after_a_longer_sleep_ends_the_term_for_all() {
        assertThat(fence.term(at(16))).isEqualTo(1);
        assertThat(fence.term(at(17))).isEqualTo(1);
        assertThat(beat(17, 15)).isEqualTo(1);
    }

    @Test
    void the_beat_notices_too() {
        assertThat(beat(16, 15)).isEqualTo(1);
        assertThat(fence.term(at(17))).isEqualTo(1);
    }

    @Test
    void a_beat_with_a_renewed_lease_does_not_hide_the_sleep() {
        assertThat(beat(16, 30)).isEqualTo(1);
    }

    @Test
    void each_sleep_is_a_term() {
        assertThat(fence.term(at(20))).isEqualTo(1);
        beat(20, 35);
        assertThat(fence.term(at(40))).isEqualTo(2);
    }

    @Test
    void a_lease_that_ended_while_awake_is_no_sleep() {
        beat(14, 15);
        beat(15, 15);
        beat(16, 15);
        assertThat(fence.term(at(18))).isZero();
    }

    @Test
    void who_sleeps_for_as_long_as_a_lease_after_that_may_have_been_taken_over() {
        beat(14, 15);
        beat(16, 15);
        assertThat(fence.term(at(30))).isZero();
        assertThat(fence.term(at(31))).isEqualTo(1);
        assertThat(beat(32, 15)).isEqualTo(1);
    }

    @Test
    void before_there_was_a_lease_nothing_can_be_lost() {
        assertThat(new Fence().term(at(100))).isZero();
    }

    private long beat(long now, long leaseEnd) {
        return fence.beat(at(now), at(leaseEnd), LEASE.toNanos());
    }

    private long at(long seconds) {
        return start + Duration.ofSeconds(seconds).toNanos();
    }
}
