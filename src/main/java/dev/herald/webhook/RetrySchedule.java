package dev.herald.webhook;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** How long a lane waits after a failed attempt: by steps, the last of them for ever. */
final class RetrySchedule {
    static final RetrySchedule STANDARD = new RetrySchedule(List.of(
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofMinutes(2),
            Duration.ofMinutes(10),
            Duration.ofMinutes(30),
            Duration.ofHours(2),
            Duration.ofHours(5),
            Duration.ofHours(10)));

    /** Longest wait that a receiver may ask for. */
    static final Duration MAX_RETRY_AFTER = Duration.ofHours(1);

    static final double JITTER = 0.1;

    private final List<Duration> steps;

    RetrySchedule(List<Duration> steps) {
        this.steps = List.copyOf(steps);
    }

    Duration firstStep() {
        return steps.getFirst();
    }

    /**
     * The step of this attempt, a tenth more or less, but no less than the receiver asked for.
     *
     * @param attempt failed attempts so far, from 1
     */
    Duration delayAfter(int attempt, Optional<Duration> retryAfter, RandomGenerator random) {
        Duration step = steps.get(Math.min(attempt, steps.size()) - 1);
        double factor = 1 - JITTER + 2 * JITTER * random.nextDouble();
        Duration own = Duration.ofMillis((long) (step.toMillis() * factor));
        Duration asked = min(retryAfter.orElse(Duration.ZERO), MAX_RETRY_AFTER);
        return own.compareTo(asked) >= 0 ? own : asked;
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }
}
