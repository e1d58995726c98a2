package dev.herald.webhook.retry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.webhook.post.Outcome;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class RetryScheduleProperties {
    private static final RetrySchedule SCHEDULE = RetrySchedule.STANDARD;

    /** The shortest waits. */
    private static final Random NO_JITTER = new Random() {
        private static final long serialVersionUID = 1L;

        @Override
        public double nextDouble() {
            return 0;
        }
    };

    @Property
    void waits_never_become_shorter(@ForAll @IntRange(min = 1, max = 1000) int attempt) {
        assertThat(step(attempt + 1)).isGreaterThanOrEqualTo(step(attempt));
    }

    @Property
    void jitter_adds_up_to_a_fifth(@ForAll @IntRange(min = 1, max = 1000) int attempt, @ForAll long seed) {
        Duration delay = SCHEDULE.delayAfter(attempt, Optional.empty(), new Random(seed));
        long step = step(attempt).toMillis();
        assertThat(delay.toMillis()).isBetween(step, (long) (step * 1.2) + 1);
    }

    @Property
    void a_receiver_can_lengthen_a_wait_up_to_the_cap(
            @ForAll @IntRange(min = 1, max = 20) int attempt,
            @ForAll @LongRange(min = 1, max = 1_000_000) long askedSeconds,
            @ForAll long seed) {
        Duration own = SCHEDULE.delayAfter(attempt, Optional.empty(), new Random(seed));
        Duration asked = Duration.ofSeconds(askedSeconds);
        Duration delay = SCHEDULE.delayAfter(attempt, Optional.of(asked), new Random(seed));
        Duration granted = asked.compareTo(RetrySchedule.MAX_RETRY_AFTER) < 0 ? asked : RetrySchedule.MAX_RETRY_AFTER;
        assertThat(delay).isEqualTo(own.compareTo(granted) < 0 ? granted : own);
    }

    @Property(tries = 1)
    void the_first_wait_is_short_and_the_longest_is_ten_hours() {
        assertThat(step(1)).isEqualTo(Duration.ofSeconds(1));
        assertThat(step(10_000)).isEqualTo(Duration.ofHours(10));
    }

    /** A clock that only the schedule moves: an endpoint that is down from the first attempt on. */
    @Property
    void an_event_is_tried_for_three_days_and_then_given_up(@ForAll long seed) {
        Random random = new Random(seed);
        Duration clock = Duration.ZERO;
        int attempts = 1;
        Verdict verdict = verdict(attempts, clock, random);
        while (verdict instanceof Verdict.Retry retry) {
            clock = clock.plus(retry.delay());
            verdict = verdict(++attempts, clock, random);
        }
        assertThat(verdict).isInstanceOf(Verdict.GiveUp.class);
        assertThat(clock).isBetween(Duration.ofHours(72), Duration.ofHours(84));
        assertThat(attempts).isBetween(14, 16);
    }

    private static Verdict verdict(int attempts, Duration failingFor, Random random) {
        return Verdict.of(
                Outcome.noAnswer("refused"),
                new Verdict.Standing(1, attempts, failingFor, false, true),
                SCHEDULE,
                random);
    }

    private static Duration step(int attempt) {
        return SCHEDULE.delayAfter(attempt, Optional.empty(), NO_JITTER);
    }
}
