package dev.herald.webhook.post;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The header of that name: seconds or a date (RFC 9110 section 10.2.3). */
final class RetryAfter {
    /** Of the longest numbers that a long may have no room for. */
    private static final int LONG_DIGITS = 19;

    private RetryAfter() {}

    /** Empty for what is absent, malformed or past. */
    static Optional<Duration> parse(@Nullable String header, Instant now) {
        if (header == null) {
            return Optional.empty();
        }
        String value = header.strip();
        try {
            Duration wait = !value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9')
                    ? seconds(value)
                    : Duration.between(now, DateTimeFormatter.RFC_1123_DATE_TIME.parse(value, Instant::from));
            return wait.isPositive() ? Optional.of(wait) : Optional.empty();
        } catch (DateTimeException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    private static Duration seconds(String digits) {
        return Duration.ofSeconds(digits.length() < LONG_DIGITS ? Long.parseLong(digits) : Long.MAX_VALUE);
    }
}
