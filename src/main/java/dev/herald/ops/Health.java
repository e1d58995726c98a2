package dev.herald.ops;

import dev.herald.bus.Bus;
import dev.herald.bus.message.OpsMessage.HealthReport;
import dev.herald.postgres.PgClients;
import dev.herald.redis.RedisGateway;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Asks the stores whether they answer; owned by one context. */
final class Health {
    private static final long DEADLINE_SECONDS = 2;

    /** Whoever asks more often gets the same answer, so that asking is no way to burden the stores. */
    private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final String CLOCK = "select (extract(epoch from clock_timestamp()) * 1000)::bigint";

    /** Receivers of webhooks and issuers of tokens allow some more. */
    private static final long CLOCK_TOLERANCE_MILLIS = 2_000;

    private final PgClients postgres;
    private final RedisGateway redis;
    private final Readiness readiness;
    private final Bus bus;
    private final LongSupplier nanoClock;
    private Future<HealthReport> last = Future.failedFuture("not asked yet");
    private long askedAt;
    private volatile long clockOffsetMillis;

    Health(PgClients postgres, RedisGateway redis, Readiness readiness, Bus bus, LongSupplier nanoClock) {
        this.postgres = postgres;
        this.redis = redis;
        this.readiness = readiness;
        this.bus = bus;
        this.nanoClock = nanoClock;
        this.askedAt = nanoClock.getAsLong() - FRESH_NANOS;
    }

    Future<HealthReport> report() {
        long now = nanoClock.getAsLong();
        if (now - askedAt >= FRESH_NANOS) {
            askedAt = now;
            last = ask();
        }
        return last;
    }

    /** By how much this node's clock is ahead of PostgreSQL's, in seconds. */
    double clockOffset() {
        return clockOffsetMillis / 1_000.0;
    }

    private Future<HealthReport> ask() {
        long sentAt = System.currentTimeMillis();
        Future<String> postgresState = stateOf(postgres.statements()
                .query(CLOCK)
                .execute()
                .onSuccess(rows -> compareClocks(sentAt, rows.iterator().next().getLong(0))));
        Future<String> redisState = stateOf(redis.send(Request.cmd(Command.PING)));
        return Future.join(postgresState, redisState).map(both -> {
            Map<String, String> states = readiness.states();
            states.put("postgres", postgresState.result());
            states.put("redis", redisState.result());
            boolean ready = states.values().stream().allMatch(Readiness.UP::equals);
            // Both sides of a cut go on: if they were not ready for it, nobody would serve.
            Set<Long> unreachable = bus.unreachable();
            states.put("bus", unreachable.isEmpty() ? Readiness.UP : "no answer from nodes " + unreachable);
            states.put("clock", clockState());
            return new HealthReport(ready, states);
        });
    }

    /** An answer that took long says too little. */
    private void compareClocks(long sentAt, long theirs) {
        long now = System.currentTimeMillis();
        if (now - sentAt < CLOCK_TOLERANCE_MILLIS / 2) {
            clockOffsetMillis = (sentAt + now) / 2 - theirs;
        }
    }

    /** Leases and logs go by the clocks of the stores; signatures and tokens by this one. */
    private String clockState() {
        return Math.abs(clockOffsetMillis) < CLOCK_TOLERANCE_MILLIS
                ? Readiness.UP
                : "off from PostgreSQL's by %.1f s".formatted(clockOffset());
    }

    /** Never fails: that a store does not answer is an answer. */
    private static Future<String> stateOf(Future<?> answer) {
        return answer.timeout(DEADLINE_SECONDS, TimeUnit.SECONDS)
                .map(Readiness.UP)
                .otherwise(cause -> "down: " + cause.getMessage());
    }
}
