package dev.herald.webhook.dispatch;

import dev.herald.postgres.PgClients;
import dev.herald.webhook.record.WebhookMeters;
import dev.herald.webhook.retry.Breaker;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;

/** Measures how far endpoints are behind the log, and what lies among the dead letters. */
public final class Lag {
    /** Counted up to 1,000 a lane, and 100,000 dead letters. */
    private static final String LAG = """
            select w.id, coalesce(sum(b.events), 0)::bigint as events,
                coalesce(extract(epoch from now() - min(b.oldest)) * 1000, 0)::bigint as oldest_ms,
                (select count(*) from (
                    select from dead_letter d where d.endpoint = w.id limit 100000) letters) as letters
            from webhook_endpoint w left join webhook_lane l on l.endpoint = w.id and l.lane < 64
                left join lateral (
                    select count(*) as events, min(e.created_at) as oldest from (
                        select created_at from event
                        where event.lane = l.lane and (event.txid, event.id) > (l.read_txid, l.read_id)
                            and event.type = any (w.types)
                            and case when l.key <> '' then event.key = l.key
                                else not exists (select from webhook_lane s
                                    where s.endpoint = l.endpoint and s.lane = l.lane and s.key = event.key) end
                        order by event.txid, event.id limit 1000) e) b on true
            where w.state in ('active', 'paused')
            group by w.id""";

    private final PgClients pg;
    private final Supplier<Map<String, Dispatcher>> dispatchers;
    private final WebhookMeters meters;

    public Lag(PgClients pg, Supplier<Map<String, Dispatcher>> dispatchers, WebhookMeters meters) {
        this.pg = pg;
        this.dispatchers = dispatchers;
        this.meters = meters;
    }

    public Future<Void> measure() {
        long now = System.nanoTime();
        Map<String, Dispatcher> serving = dispatchers.get();
        return pg.transactions()
                .query(LAG)
                .execute()
                .onSuccess(rows -> {
                    for (Row row : rows) {
                        String id = row.getString("id");
                        Dispatcher dispatcher = serving.get(id);
                        meters.breaker(
                                id,
                                dispatcher == null
                                        ? Breaker.State.CLOSED
                                        : dispatcher.pace().state(now));
                        meters.lag(id, row.getLong("events"), Duration.ofMillis(row.getLong("oldest_ms")));
                        meters.deadLetters(id, row.getLong("letters"));
                    }
                })
                .mapEmpty();
    }
}
