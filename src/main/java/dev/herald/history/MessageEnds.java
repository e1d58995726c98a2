package dev.herald.history;

import dev.herald.config.Retentions;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Removes messages whose end has come: that which their sender gave them, or the retention of their type of channel.
 * Batches are small, and what another node is at is left to it.
 */
final class MessageEnds {
    private static final int BATCH = 1_000;
    private static final int CHANNELS = 20;
    private static final int OF_ONE_CHANNEL = 250;

    /** Of one sweep; the next one goes on. */
    private static final int MOST_BATCHES = 200;

    private static final String EXPIRED = """
            with over as materialized (
                select channel, seq from message where expires_at < now()
                order by expires_at limit %d for update skip locked)
            delete from message m using over where m.channel = over.channel and m.seq = over.seq""".formatted(BATCH);

    /**
     * In a channel time follows the sequence, so the oldest are the first. A channel's first_at is that of the oldest that
     * stays; if none does, a message that came meanwhile counts from now on.
     */
    private static final String RETIRED = """
            with due as materialized (
                select pk from channel
                where channel_type = $1 and first_at < now() - $2::bigint * interval '1 millisecond'
                order by first_at limit %1$d for no key update skip locked
            ), oldest as materialized (
                select due.pk, m.seq, m.created_at,
                    row_number() over (partition by due.pk order by m.seq) <= %2$d
                        and m.created_at < now() - $2::bigint * interval '1 millisecond' as ends
                from due cross join lateral (
                    select seq, created_at from message where channel = due.pk order by seq limit %2$d + 1) m
            ), ended as (
                delete from message m using oldest o where o.ends and m.channel = o.pk and m.seq = o.seq returning m.channel
            ), kept as (
                update channel c set first_at = case
                    when c.last_seq > coalesce(o.last, c.last_seq - 1) and o.next is null then now() else o.next end
                from (
                    select due.pk, min(oldest.created_at) filter (where not ends) as next, max(oldest.seq) as last
                    from due left join oldest using (pk) group by due.pk) o
                where c.pk = o.pk)
            select (select count(*) from ended) as messages, (select count(*) from due) as channels""".formatted(CHANNELS, OF_ONE_CHANNEL);

    private final PgClients pg;
    private final Retentions retentions;
    private final HistoryMeters meters;

    MessageEnds(PgClients pg, Retentions retentions, HistoryMeters meters) {
        this.pg = pg;
        this.retentions = retentions;
        this.meters = meters;
    }

    Future<Void> sweepExpired() {
        return repeat(MOST_BATCHES, this::removeExpired);
    }

    Future<Void> sweepRetired() {
        Future<Void> swept = Future.succeededFuture();
        for (Map.Entry<Integer, Duration> retention : retentions.byType().entrySet()) {
            swept = swept.compose(
                    done -> repeat(MOST_BATCHES, () -> removeRetired(retention.getKey(), retention.getValue())));
        }
        return swept;
    }

    /** As long as there is more. */
    private static Future<Void> repeat(int most, Supplier<Future<Boolean>> batch) {
        return batch.get().compose(more -> more && most > 1 ? repeat(most - 1, batch) : Future.succeededFuture());
    }

    private Future<Boolean> removeExpired() {
        return pg.statements().query(EXPIRED).execute().map(removed -> {
            meters.expired(removed.rowCount());
            return removed.rowCount() == BATCH;
        });
    }

    private Future<Boolean> removeRetired(int type, Duration retention) {
        return pg.statements()
                .preparedQuery(RETIRED)
                .execute(Tuple.of(type, retention.toMillis()))
                .map(rows -> {
                    var done = rows.iterator().next();
                    meters.retired(done.getLong("messages"));
                    return done.getLong("messages") > 0 || done.getLong("channels") == CHANNELS;
                });
    }
}
