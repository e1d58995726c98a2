package dev.herald.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class RetryScheduleProperties {
    private static final RetrySchedule SCHEDULE = RetrySchedule.STANDARD;

    /** The middle of the jitter. */
    private static final Random NO_JITTER = new Random() {
        private static final long serialVersionUID = 1L;

        @Override
        public double nextDouble() {
            return 0.5;
        }
    };

    @Property
    void waits_never_become_shorter(@ForAll @IntRange(min = 1, max = 1000) int attempt) {
        assertThat(step(attempt + 1)).isGreaterThanOrEqualTo(step(attempt));
    }

    @Property
    void jitter_stays_within_a_tenth(@ForAll @IntRange(min = 1, max = 1000) int attempt, @ForAll long seed) {
        Duration delay = SCHEDULE.delayAfter(attempt, Optional.empty(), new Random(seed));
        long step = step(attempt).toMillis();
        assertThat(delay.toMillis()).isBetween((long) (step * 0.9) - 1, (long) (step * 1.1) + 1);
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
    void the_first_wait_is_short_and_retries_go_on_for_three_days() {
        assertThat(step(1)).isEqualTo(Duration.ofSeconds(1));
        Duration total = Duration.ZERO;
        for (int attempt = 1; attempt <= 20; attempt++) {
            total = total.plus(step(attempt));
        }
        assertThat(total).isGreaterThan(Duration.ofHours(72));
        assertThat(step(10_000)).isEqualTo(Duration.ofHours(10));
    }

    private static Duration step(int attempt) {
        return SCHEDULE.delayAfter(attempt, Optional.empty(), NO_JITTER);
    }
}
