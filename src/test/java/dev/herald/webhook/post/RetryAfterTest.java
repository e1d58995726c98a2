package dev.herald.webhook.post;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.webhook.retry.RetrySchedule;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

    @Test
    void reads_seconds_and_dates() {
        assertThat(RetryAfter.parse(" 120 ", NOW)).contains(Duration.ofMinutes(2));
        assertThat(RetryAfter.parse("90", NOW)).contains(Duration.ofSeconds(90));
        assertThat(RetryAfter.parse("Sun, 22 Nov 2026 10:01:00 GMT", NOW)).contains(Duration.ofMinutes(1));
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = {"soon", "-1", "0", "1.5", "Sun, 22 Nov 2026 09:00:00 GMT"})
    void ignores_what_asks_for_no_wait(String header) {
        assertThat(RetryAfter.parse(header, NOW)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"999999999999999999", "9999999999999999999", "99999999999999999999"})
    void a_number_beyond_all_bounds_asks_for_the_longest_wait(String header) {
        assertThat(RetrySchedule.bounded(RetryAfter.parse(header, NOW))).isEqualTo(RetrySchedule.MAX_RETRY_AFTER);
    }
}
