package dev.herald.webhook.record;

import dev.herald.endpoint.Endpoint;
import dev.herald.postgres.Columns;
import dev.herald.webhook.lane.Batch;
import dev.herald.webhook.post.Delivery;
import dev.herald.webhook.post.Outcome;
import dev.herald.webhook.retry.Verdict;
import dev.herald.webhook.retry.Verdict.Park;
import dev.herald.webhook.retry.Verdict.Retry;
import dev.herald.webhook.retry.Verdict.Split;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was sent and answered, for people who look for a fault. Rows are written a moment later, many at once; under a
 * database that does not take them the oldest are given up: nothing depends on them. Used on one context.
 */
public final class AttemptLog {
    private static final Logger log = LoggerFactory.getLogger(AttemptLog.class);

    private static final int BOUND = 10_000;
    private static final int MOST = 500;
    private static final long GATHER_MILLIS = 200;
    private static final long DEADLINE_SECONDS = 5;

    private static final String INSERT = """
            insert into webhook_attempt
                (endpoint, at, request, type, events, attempt, delivered, status, latency_ms, answer, next_at,
                last_event)
            select * from unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::int[], $6::int[], $7::bool[],
                $8::text[], $9::int[], $10::text[], $11::timestamptz[], $12::bigint[])""";

    private final Vertx vertx;
    private final SqlClient client;
    private final WebhookMeters meters;
    private final Deque<Row> waiting = new ArrayDeque<>();
    private boolean gathering;

    public AttemptLog(Vertx vertx, SqlClient client, WebhookMeters meters) {
        this.vertx = vertx;
        this.client = client;
        this.meters = meters;
    }

    private record Row(
            Batch batch,
            OffsetDateTime at,
            Outcome outcome,
            int latencyMillis,
            @Nullable OffsetDateTime next) {}

    public void add(Delivery delivery, Verdict verdict) {
        Batch batch = delivery.batch();
        meters.attempted(batch, delivery);
        if (!delivery.outcome().delivered()) {
            log.warn(
                    "webhook {} events={} status={} attempt={} verdict={}",
                    batch.lane(),
                    batch.size(),
                    delivery.outcome().status(),
                    batch.attempts() + 1,
                    verdict);
        }
        if (batch.lane().endpoint().equals(Endpoint.OFFLINE_NOTICES)) {
            return;
        }
        if (waiting.size() >= BOUND) {
            waiting.remove();
            meters.attemptsNotKept(1);
        }
        OffsetDateTime ended = OffsetDateTime.now(ZoneOffset.UTC);
        Duration wait = delayOf(verdict);
        waiting.add(new Row(
                batch,
                ended.minus(delivery.latency()),
                delivery.outcome(),
                (int) delivery.latency().toMillis(),
                wait == null ? null : ended.plus(wait)));
        if (!gathering) {
            gathering = true;
            vertx.setTimer(GATHER_MILLIS, timer -> write());
        }
    }

    /** Answers when all is written, or given up. */
    public Future<Void> flush() {
        return waiting.isEmpty() ? Future.succeededFuture() : write(take()).compose(v -> flush());
    }

    private void write() {
        write(take()).onComplete(done -> {
            gathering = !waiting.isEmpty();
            if (gathering) {
                vertx.setTimer(GATHER_MILLIS, timer -> write());
            }
        });
    }

    private List<Row> take() {
        List<Row> rows = new ArrayList<>();
        while (!waiting.isEmpty() && rows.size() < MOST) {
            rows.add(waiting.remove());
        }
        return rows;
    }

    private Future<Void> write(List<Row> rows) {
        if (rows.isEmpty()) {
            return Future.succeededFuture();
        }
        Tuple columns = Columns.of(rows)
                .texts(row -> row.batch().lane().endpoint())
                .times(Row::at)
                .texts(row -> row.batch().id())
                .texts(row -> row.batch().type())
                .integers(row -> row.batch().size())
                .integers(row -> row.batch().attempts() + 1)
                .booleans(row -> row.outcome().delivered())
                .texts(row -> row.outcome().status())
                .integers(Row::latencyMillis)
                .texts(row -> printable(row.outcome().answer()))
                .times(Row::next)
                .longs(row -> row.batch().end().id())
                .tuple();
        return client.preparedQuery(INSERT)
                .execute(columns)
                .timeout(DEADLINE_SECONDS, TimeUnit.SECONDS)
                .<Void>mapEmpty()
                .otherwise(cause -> {
                    log.warn("attempts={} are not kept: {}", rows.size(), String.valueOf(cause));
                    meters.attemptsNotKept(rows.size());
                    return null;
                });
    }

    private static @Nullable Duration delayOf(Verdict verdict) {
        return switch (verdict) {
            case Retry retry -> retry.delay();
            case Split split -> split.delay();
            case Park park -> park.delay();
            default -> null;
        };
    }

    /** A reader wants no control characters. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", " ");
    }
}
