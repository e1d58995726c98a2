package dev.herald.webhook.retry;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * How long a batch waits after a failed attempt, by steps, the last of them again and again; and when it is given up.
 *
 * @param giveUpAfter an attempt that fails so long after the first one is the last
 */
public record RetrySchedule(List<Duration> steps, Duration giveUpAfter) {
    public static final RetrySchedule STANDARD = new RetrySchedule(
            List.of(
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(30),
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(10),
                    Duration.ofMinutes(30),
                    Duration.ofHours(2),
                    Duration.ofHours(5),
                    Duration.ofHours(10)),
            Duration.ofHours(72));

    /** Longest wait that a receiver may ask for. */
    public static final Duration MAX_RETRY_AFTER = Duration.ofHours(1);

    /** Part of a step by which it may become longer: many lanes that failed at once do not come back at once. */
    static final double JITTER = 0.2;

    public RetrySchedule {
        steps = List.copyOf(steps);
    }

    /**
     * The step of this attempt, up to a fifth more, and no less than the receiver asked for.
     *
     * @param attempt failed attempts so far, from 1
     */
    public Duration delayAfter(int attempt, Optional<Duration> retryAfter, RandomGenerator random) {
        Duration step = steps.get(Math.min(attempt, steps.size()) - 1);
        Duration own = Duration.ofMillis((long) (step.toMillis() * (1 + JITTER * random.nextDouble())));
        Duration asked = bounded(retryAfter);
        return own.compareTo(asked) >= 0 ? own : asked;
    }

    /** Never before every step was taken: while Herald is away, time passes without an attempt. */
    boolean isOver(int attempts, Duration failingFor) {
        return attempts >= steps.size() && failingFor.compareTo(giveUpAfter) >= 0;
    }

    public static Duration bounded(Optional<Duration> retryAfter) {
        Duration asked = retryAfter.orElse(Duration.ZERO);
        return asked.compareTo(MAX_RETRY_AFTER) <= 0 ? asked : MAX_RETRY_AFTER;
    }
}
