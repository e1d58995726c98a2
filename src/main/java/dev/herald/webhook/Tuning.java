package dev.herald.webhook;

import dev.herald.config.HeraldConfig;
import dev.herald.webhook.post.Names;
import dev.herald.webhook.post.SystemNames;
import dev.herald.webhook.record.Retention.Ages;
import dev.herald.webhook.retry.RetrySchedule;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.Function;

/**
 * What nobody needs to set, but tests.
 *
 * @param sweep for events whose wake-up was lost, and for retries that are due
 * @param lease a dead node's lanes go on elsewhere after this
 * @param failingPatience an endpoint that fails for so long is told of
 */
record Tuning(
        RetrySchedule schedule,
        Duration sweep,
        Duration lease,
        Duration failingPatience,
        Duration chores,
        Ages ages,
        Function<Vertx, Names> names) {
    private static final Duration SWEEP = Duration.ofSeconds(1);
    private static final Duration LEASE = Duration.ofSeconds(5);
    private static final Duration FAILING_PATIENCE = Duration.ofMinutes(5);
    private static final Duration CHORES = Duration.ofSeconds(20);
    private static final Duration ATTEMPTS_KEPT = Duration.ofHours(24);

    static Tuning of(HeraldConfig config) {
        HeraldConfig.Webhook webhook = config.webhook();
        Ages ages = new Ages(webhook.maxAge(), webhook.retention(), webhook.deadLetterRetention(), ATTEMPTS_KEPT);
        return new Tuning(RetrySchedule.STANDARD, SWEEP, LEASE, FAILING_PATIENCE, CHORES, ages, SystemNames::new);
    }
}
