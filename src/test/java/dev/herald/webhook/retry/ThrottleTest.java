package dev.herald.webhook.retry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ThrottleTest {
    private static final long PAUSE = Throttle.PAUSE.toNanos();

    private final Throttle throttle = new Throttle(16);

    @Test
    void gives_all_the_room_at_first() {
        assertThat(throttle.room(0, 0)).isEqualTo(16);
        assertThat(throttle.room(15, 0)).isEqualTo(1);
        assertThat(throttle.room(16, 0)).isZero();
    }

    @Test
    void halves_and_pauses_once_for_all_that_one_moment_refuses() {
        throttle.throttled(0, 5);
        throttle.throttled(0, 6);
        throttle.throttled(0, 7);
        assertThat(throttle.room(0, 7)).isZero();
        assertThat(throttle.room(0, 5 + PAUSE - 1)).isZero();
        assertThat(throttle.room(0, 7 + PAUSE)).isEqualTo(8);
        assertThat(throttle.room(8, 7 + PAUSE)).isZero();
    }

    @Test
    void waits_as_long_as_the_receiver_asks() {
        long asked = Duration.ofSeconds(30).toNanos();
        throttle.throttled(asked, 0);
        throttle.throttled(0, 1);
        assertThat(throttle.opensIn(asked - 1)).isEqualTo(1);
        assertThat(throttle.opensIn(asked)).isZero();
    }

    @Test
    void grows_by_one_when_as_many_have_succeeded_as_it_gives() {
        throttle.throttled(0, 0);
        assertThat(throttle.room(0, PAUSE)).isEqualTo(8);
        throttle.succeeded();
        assertThat(throttle.room(0, PAUSE)).isEqualTo(8);
        for (int i = 0; i < 8; i++) {
            throttle.succeeded();
        }
        assertThat(throttle.room(0, PAUSE)).isEqualTo(9);
    }

    @Test
    void never_gives_less_than_one_and_grows_back_by_one_a_round() {
        long now = 0;
        for (int i = 0; i < 10; i++) {
            throttle.throttled(0, now);
            now += PAUSE;
        }
        assertThat(throttle.room(0, now)).isEqualTo(1);
        throttle.succeeded();
        assertThat(throttle.room(0, now)).isEqualTo(2);
        for (int i = 0; i < 1_000; i++) {
            throttle.succeeded();
        }
        assertThat(throttle.room(0, now)).isEqualTo(16);
    }
}
