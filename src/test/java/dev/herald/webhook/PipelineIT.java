package dev.herald.webhook;

import static dev.herald.it.Sql.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.endpoint.Attempts;
import dev.herald.endpoint.DeadLetters;
import dev.herald.endpoint.DeadLetters.Filter;
import dev.herald.it.Blocked;
import dev.herald.it.Stores;
import dev.herald.postgres.PgClients;
import dev.herald.webhook.dispatch.Lag;
import dev.herald.webhook.record.Retention;
import dev.herald.webhook.record.Retention.Ages;
import dev.herald.webhook.record.WebhookMeters;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What may take long holds up nothing of what all of a node share, and where statements wait behind each other. */
@Timeout(60)
class PipelineIT {
    private static final Duration WEEK = Duration.ofDays(7);
    private static final Ages AGES = new Ages(WEEK, WEEK, WEEK, WEEK);
    private static final WebhookMeters METERS = new WebhookMeters(new SimpleMeterRegistry());

    private final Vertx vertx = Vertx.vertx();
    private final String url = Stores.freshPostgres();

    /** One connection of each kind. */
    private final PgClients pg = PgClients.open(vertx, url, 2);

    private final PgClients elsewhere = PgClients.open(vertx, url, 2);

    private enum Slow {
        LETTERS("dead_letter", pg -> new DeadLetters(pg).list("config", Filter.ALL, 0, 10)),
        REPLAY("dead_letter", pg -> new DeadLetters(pg).replay("config", Filter.ALL)),
        ATTEMPTS("webhook_attempt", pg -> new Attempts(pg).list("config", Long.MAX_VALUE, false, 10)),
        ATTEMPTS_OF_ALL("webhook_attempt", pg -> new Attempts(pg).since(Instant.EPOCH)),
        RETENTION("event", pg -> new Retention(pg, AGES, METERS).sweep()),
        LAG("webhook_lane", pg -> new Lag(pg, Map::of, METERS).measure());

        final String table;
        final Function<PgClients, Future<?>> work;

        Slow(String table, Function<PgClients, Future<?>> work) {
            this.table = table;
            this.work = work;
        }
    }

    @AfterEach
    void close() {
        await(vertx.close());
    }

    @ParameterizedTest
    @EnumSource
    void short_statements_do_not_wait_behind(Slow slow) {
        Future<?> waits;
        try (Blocked blocked = Blocked.by(elsewhere, "lock table " + slow.table)) {
            waits = slow.work.apply(pg);
            blocked.awaitWaiting(1, waits);
            await(pg.statements().query("select 1").execute());
            assertThat(waits.isComplete()).isFalse();
        }
        await(waits);
    }
}
