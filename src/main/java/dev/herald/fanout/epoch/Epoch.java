package dev.herald.fanout.epoch;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.redis.RedisCalls;
import dev.herald.redis.RedisProcess;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The number of times that Redis may have lost something: a master is another process than before, or its mark is gone
 * or differs. Every script on an inbox names the epoch, and is refused where the inbox was not rebuilt since it began.
 */
public final class Epoch {
    private static final Logger log = LoggerFactory.getLogger(Epoch.class);

    private static final String MARK = "herald:epoch";
    private static final String MARK_SCRIPT = """
            if tonumber(redis.call('GET', KEYS[1]) or 0) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1]) end""";

    private static final String READ = "select number, run_id from redis_epoch";

    /** Every node looks every two seconds. */
    private static final String IS_YOUNG = "select begun_at > now() - interval '10 seconds' from redis_epoch";

    /** Whoever claims a pending command begins it again if it was claimed in an earlier epoch. */
    private static final String BEGIN = """
            insert into redis_epoch (number, run_id, writers) values ($2::bigint + 1, $1, array[$4::bigint])
            on conflict (one) do update
            set number = greatest(redis_epoch.number, $2) + 1, run_id = excluded.run_id,
                writers = excluded.writers, last_word = null, begun_at = now()
            where redis_epoch.number = $3 and redis_epoch.run_id = $5 returning number""";

    /** @param mark the lowest epoch's number that a master holds, 0 if one has none */
    private record Seen(String runId, long mark) {}

    private record Known(long number, String runId) {
        static Known of(Row row) {
            return new Known(row.getLong("number"), row.getString("run_id"));
        }
    }

    private final SqlClient pg;
    private final long incarnation;
    private final LastWord lastWord;
    private final Runnable onChange;
    private Known known = new Known(0, "");

    /**
     * @param incarnation of this node, which writes only in an epoch that it has signed on to
     * @param onChange told when a further epoch began, here or at another node
     */
    public Epoch(SqlClient pg, long incarnation, Runnable onChange) {
        this.pg = pg;
        this.incarnation = incarnation;
        this.lastWord = new LastWord(pg, incarnation);
        this.onChange = onChange;
    }

    /** From 1; in the first epoch nothing was ever lost. */
    public long number() {
        return known.number();
    }

    /** Looks whether Redis is what it was; if not, the next epoch has begun when this completes. */
    public Future<Void> check(RedisCalls redis) {
        Future<String> runIds = redis.processes().map(RedisProcess::runIds);
        Future<Long> lowestMark = redis.sendForMasters(
                        MARK, key -> Request.cmd(Command.GET).arg(key))
                .map(marks -> marks.stream()
                        .mapToLong(mark -> mark == null ? 0 : Long.parseLong(mark.toString()))
                        .min()
                        .orElse(0));
        return Future.all(runIds, lowestMark)
                .map(both -> new Seen(runIds.result(), lowestMark.result()))
                .compose(seen -> seen.equals(new Seen(known.runId(), known.number()))
                        ? Future.succeededFuture()
                        : compare(redis, seen));
    }

    /**
     * Begins the next epoch, as if something had been lost; refused if this one is so young that a node may not know it.
     * An inbox that misses a whole epoch is emptied first, and with it what such a node would append meanwhile.
     */
    public Future<Void> renew(RedisCalls redis) {
        return pg.query(IS_YOUNG).execute().compose(rows -> {
            for (Row row : rows) {
                if (row.getBoolean(0)) {
                    return Future.failedFuture(new HeraldException(
                            Failure.UNAVAILABLE, "inboxes are being rebuilt already, try again in 10 s"));
                }
            }
            return redis.send(Request.cmd(Command.DEL).arg(MARK)).compose(gone -> check(redis));
        });
    }

    private Future<Void> compare(RedisCalls redis, Seen seen) {
        return pg.preparedQuery(READ).execute().compose(rows -> {
            Known stored = rows.size() == 0
                    ? new Known(0, "")
                    : Known.of(rows.iterator().next());
            return signOn(redis, seen, stored)
                    .compose(lostNothing -> lostNothing
                            ? Future.succeededFuture(new Known(stored.number(), seen.runId()))
                            : begin(redis, seen, stored))
                    .onSuccess(this::adopt)
                    .mapEmpty();
        });
    }

    /** False if Redis may have lost something. */
    private Future<Boolean> signOn(RedisCalls redis, Seen seen, Known stored) {
        if (seen.mark() != stored.number()) {
            return Future.succeededFuture(false);
        }
        return seen.runId().equals(stored.runId())
                ? lastWord.signOn(stored.number(), stored.runId())
                : lastWord.accept(redis, stored.number(), seen.runId());
    }

    /** The last thing that this node does: who starts Redis again after an orderly stop of all nodes finds it whole. */
    public Future<Void> end(RedisCalls redis) {
        return lastWord.signOff(redis, known.number(), known.runId()).recover(cause -> {
            log.info("no last word in Redis, which counts as a loss if it is restarted", cause);
            return Future.succeededFuture();
        });
    }

    private Future<Known> begin(RedisCalls redis, Seen seen, Known before) {
        return pg.preparedQuery(BEGIN)
                .execute(Tuple.of(seen.runId(), seen.mark(), before.number(), incarnation, before.runId()))
                .map(rows -> rows.size() == 0
                        ? Optional.<Long>empty()
                        : Optional.of(rows.iterator().next().getLong("number")))
                .compose(begun -> {
                    if (begun.isEmpty()) {
                        return Future.failedFuture(
                                new HeraldException(Failure.UNAVAILABLE, "another node begins an epoch"));
                    }
                    long number = begun.get();
                    if (number > 1) {
                        log.warn("epoch={} begins: Redis may have lost something, inboxes are rebuilt", number);
                    }
                    return mark(redis, number).map(new Known(number, seen.runId()));
                });
    }

    private static Future<Void> mark(RedisCalls redis, long number) {
        return redis.sendForMasters(MARK, key -> Request.cmd(Command.EVAL)
                        .arg(MARK_SCRIPT)
                        .arg(1)
                        .arg(key)
                        .arg(number))
                .mapEmpty();
    }

    private void adopt(Known next) {
        boolean isFurther = known.number() > 0 && next.number() != known.number();
        known = next;
        if (isFurther) {
            onChange.run();
        }
    }
}
