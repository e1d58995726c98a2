package dev.herald.webhook.retry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.webhook.retry.Breaker.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BreakerTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    /** The longest pauses. */
    private static final Random NO_JITTER = new Random() {
        private static final long serialVersionUID = 1L;

        @Override
        public long nextLong(long bound) {
            return 0;
        }
    };

    private final Breaker breaker = new Breaker(Duration.ofSeconds(1), Duration.ofSeconds(5), NO_JITTER);

    @Test
    void stays_closed_while_successes_come_between() {
        for (int i = 0; i < 20; i++) {
            fail(Breaker.FAILURES - 1, 0);
            assertThat(breaker.room(0)).isPositive();
            assertThat(breaker.succeeded()).isFalse();
        }
        assertThat(breaker.state(0)).isEqualTo(State.CLOSED);
    }

    @Test
    void opens_after_failures_in_a_row_and_lets_one_probe_through_after_a_pause() {
        fail(Breaker.FAILURES, 7);
        assertThat(breaker.room(7)).isZero();
        assertThat(breaker.opensIn(7)).isEqualTo(SECOND);
        assertThat(breaker.room(7 + SECOND - 1)).isZero();
        assertThat(breaker.room(7 + SECOND)).isEqualTo(1);
        assertThat(breaker.state(7 + SECOND)).isEqualTo(State.HALF_OPEN);
        assertThat(breaker.begin()).isTrue();
        assertThat(breaker.room(7 + SECOND)).isZero();
        assertThat(breaker.begin()).isFalse();
    }

    @Test
    void each_failed_probe_doubles_the_pause_up_to_the_longest() {
        fail(Breaker.FAILURES, 0);
        long now = 0;
        for (long pause : new long[] {1, 2, 4, 5, 5}) {
            assertThat(breaker.opensIn(now)).isEqualTo(pause * SECOND);
            now += pause * SECOND;
            assertThat(breaker.begin()).isTrue();
            breaker.failed(true, 0, now);
        }
    }

    @Test
    void a_late_failure_of_an_older_request_changes_nothing() {
        fail(Breaker.FAILURES, 0);
        breaker.failed(false, 0, SECOND / 2);
        assertThat(breaker.opensIn(SECOND / 2)).isEqualTo(SECOND / 2);
    }

    @Test
    void a_probe_that_says_nothing_makes_room_for_another() {
        fail(Breaker.FAILURES, 0);
        assertThat(breaker.begin()).isTrue();
        breaker.abandoned(true);
        assertThat(breaker.room(SECOND)).isEqualTo(1);
    }

    @Test
    void says_once_that_the_endpoint_is_back_and_begins_with_short_pauses_again() {
        fail(Breaker.FAILURES, 0);
        breaker.begin();
        breaker.failed(true, 0, SECOND);
        assertThat(breaker.begin()).isTrue();
        assertThat(breaker.succeeded()).isTrue();
        assertThat(breaker.succeeded()).isFalse();
        fail(Breaker.FAILURES, 0);
        assertThat(breaker.opensIn(0)).isEqualTo(SECOND);
    }

    @Test
    void draws_a_pause_from_its_upper_half() {
        List<Long> bounds = new ArrayList<>();
        Breaker early = new Breaker(Duration.ofNanos(10), Duration.ofSeconds(5), new Random() {
            private static final long serialVersionUID = 1L;

            @Override
            public long nextLong(long bound) {
                bounds.add(bound);
                return bound - 1;
            }
        });
        for (int i = 0; i < Breaker.FAILURES; i++) {
            early.failed(false, 0, 100);
        }
        assertThat(bounds).containsExactly(6L);
        assertThat(early.opensIn(100)).isEqualTo(5);
    }

    @Test
    void pauses_as_long_as_the_receiver_asks() {
        fail(Breaker.FAILURES - 1, 0);
        breaker.failed(false, 9 * SECOND, 0);
        assertThat(breaker.opensIn(0)).isEqualTo(9 * SECOND);
    }

    private void fail(int times, long now) {
        for (int i = 0; i < times; i++) {
            breaker.failed(false, 0, now);
        }
    }
}
