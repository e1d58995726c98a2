package dev.herald.webhook.retry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.webhook.post.Outcome;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final Outcome TOO_SOON = Outcome.of(429, Optional.of(Duration.ofHours(1)), "");

    private final Pace pace = new Pace(16, Duration.ofSeconds(1), new Random(1));

    @Test
    void what_a_receiver_cannot_take_now_holds_back_all() {
        pace.ended(TOO_SOON, false, false, 0);
        assertThat(pace.room(0, 1)).isZero();
        assertThat(pace.opensIn(1)).isGreaterThan(Duration.ofMinutes(59));
    }

    @Test
    void what_a_receiver_cannot_take_of_a_key_that_goes_its_own_way_holds_back_nobody_else() {
        pace.ended(TOO_SOON, false, true, 0);
        assertThat(pace.room(0, 1)).isEqualTo(16);
    }
}
