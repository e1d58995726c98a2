package dev.herald.webhook.retry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.webhook.post.Outcome;
import dev.herald.webhook.retry.Verdict.Delivered;
import dev.herald.webhook.retry.Verdict.GiveUp;
import dev.herald.webhook.retry.Verdict.Park;
import dev.herald.webhook.retry.Verdict.Pause;
import dev.herald.webhook.retry.Verdict.Retry;
import dev.herald.webhook.retry.Verdict.Split;
import dev.herald.webhook.retry.Verdict.Standing;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VerdictTest {
    private static final Duration LATE = RetrySchedule.STANDARD.giveUpAfter();

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 204, 299})
    void any_2xx_is_a_delivery(int status) {
        assertThat(of(status, first(9))).isInstanceOf(Delivered.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 307, 401, 403, 404, 408, 429, 500, 502, 503, 504})
    void what_may_pass_is_tried_again_as_it_is(int status) {
        assertThat(of(status, first(9))).isInstanceOf(Retry.class);
    }

    @Test
    void gone_pauses_the_endpoint_and_costs_no_event() {
        assertThat(of(410, new Standing(9, 50, LATE, true, true))).isInstanceOf(Pause.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 413, 422})
    void a_content_that_is_refused_is_looked_for_by_halves_at_once(int status) {
        assertThat(of(status, first(9))).isInstanceOfSatisfying(Split.class, split -> assertThat(split.first())
                .isEqualTo(4));
        assertThat(of(status, first(2))).isInstanceOfSatisfying(Split.class, split -> assertThat(split.first())
                .isEqualTo(1));
        assertThat(of(status, first(1))).isInstanceOf(Park.class);
    }

    @Test
    void a_batch_that_fails_while_others_get_through_is_a_suspect() {
        assertThat(of(500, new Standing(9, 2, Duration.ZERO, true, true))).isInstanceOf(Retry.class);
        assertThat(of(500, new Standing(9, 3, Duration.ZERO, true, true))).isInstanceOf(Split.class);
        assertThat(of(500, new Standing(1, 3, Duration.ZERO, true, true))).isInstanceOf(Park.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {502, 503, 504})
    void a_batch_that_a_gateway_fails_at_is_a_suspect(int status) {
        assertThat(of(status, new Standing(9, 2, Duration.ZERO, true, true))).isInstanceOf(Retry.class);
        assertThat(of(status, new Standing(9, 3, Duration.ZERO, true, true))).isInstanceOf(Split.class);
        assertThat(of(status, new Standing(1, 3, Duration.ZERO, true, true))).isInstanceOf(Park.class);
        assertThat(of(status, new Standing(1, 3, Duration.ZERO, false, true))).isInstanceOf(Retry.class);
    }

    @Test
    void a_batch_that_always_comes_too_soon_when_others_do_not_is_a_suspect() {
        assertThat(of(429, new Standing(1, 3, Duration.ZERO, true, true))).isInstanceOf(Retry.class);
        assertThat(of(429, new Standing(9, 4, Duration.ZERO, true, true))).isInstanceOf(Split.class);
        assertThat(of(429, new Standing(1, 4, Duration.ZERO, true, true))).isInstanceOf(Park.class);
        assertThat(of(429, new Standing(1, 40, Duration.ZERO, false, true))).isInstanceOf(Retry.class);
    }

    @Test
    void time_without_attempts_costs_no_event() {
        int steps = RetrySchedule.STANDARD.steps().size();
        assertThat(of(500, new Standing(1, steps - 1, LATE.multipliedBy(9), false, true)))
                .isInstanceOf(Retry.class);
        assertThat(of(500, new Standing(1, steps, LATE, false, true))).isInstanceOf(GiveUp.class);
    }

    @Test
    void a_batch_is_split_in_the_end_even_if_nothing_else_is_sent() {
        assertThat(of(500, new Standing(9, 4, Duration.ZERO, false, true))).isInstanceOf(Retry.class);
        assertThat(of(500, new Standing(9, 5, Duration.ZERO, false, true))).isInstanceOf(Split.class);
        assertThat(of(500, new Standing(1, 5, Duration.ZERO, false, true))).isInstanceOf(Retry.class);
    }

    @Test
    void a_single_event_waits_in_its_lane_if_too_many_go_their_own_way() {
        assertThat(of(422, new Standing(1, 1, Duration.ZERO, true, false))).isInstanceOf(Retry.class);
    }

    @Test
    void an_event_is_given_up_by_an_attempt_after_the_end_of_the_schedule_only() {
        assertThat(of(500, new Standing(1, 40, LATE.minusNanos(1), false, true)))
                .isInstanceOf(Retry.class);
        assertThat(of(500, new Standing(1, 40, LATE, false, true))).isInstanceOf(GiveUp.class);
        assertThat(of(422, new Standing(1, 40, LATE, true, false))).isInstanceOf(GiveUp.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 503})
    void waits_as_long_as_the_receiver_asks(int status) {
        Outcome asking = Outcome.of(status, Optional.of(Duration.ofMinutes(7)), "");
        assertThat(Verdict.of(asking, first(1), RetrySchedule.STANDARD, new Random(1)))
                .isEqualTo(new Retry(Duration.ofMinutes(7)));
    }

    private static Standing first(int size) {
        return new Standing(size, 1, Duration.ZERO, false, true);
    }

    private static Verdict of(int status, Standing standing) {
        return Verdict.of(Outcome.of(status, Optional.empty(), ""), standing, RetrySchedule.STANDARD, new Random(1));
    }
}
