package dev.herald.webhook.record;

import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Time in which no node was there to try anything, and a clock of the database that was set back. */
final class Outages {
    private static final Logger log = LoggerFactory.getLogger(Outages.class);

    /** Nodes say every 20 s that they are there. What was lost is of interest as long as there may be events from before. */
    private static final String NOTE = """
            with old as (
                select seen_at, seen_at < now() - interval '2 min' as away,
                    case when lost_until > now() - $1::bigint * interval '1 ms' then lost else interval '0' end as lost
                from webhook_service for update),
            noted as (
                update webhook_service s
                set seen_at = now(), lost = old.lost + case when old.away then now() - old.seen_at else interval '0' end,
                    lost_until = case when old.away then now() else s.lost_until end
                from old returning s.lost)
            select (extract(epoch from noted.lost) * 1000)::bigint as lost_ms,
                old.seen_at > now() + interval '1 min' as is_back
            from old, noted""";

    /** What was to begin soon would wait for as long as the clock was set back; leases that live are renewed by the new one. */
    private static final String FOLLOW_CLOCK = """
            with lanes as (
                update webhook_lane
                set next_at = least(next_at, now()),
                    lease_owner = case when lease_until < now() + interval '1 min' then lease_owner end,
                    lease_until = case when lease_until < now() + interval '1 min' then lease_until end
                where next_at > now() or lease_until > now() + interval '1 min')
            update webhook_endpoint set paced_until = least(paced_until, now()), probed_at = least(probed_at, now())
            where paced_until > now() or probed_at > now()""";

    private final PgClients pg;

    Outages(PgClients pg) {
        this.pg = pg;
    }

    /**
     * Says that a node is there.
     *
     * @param age of the oldest events that wait
     * @return by how much an event may be older if it comes from before the last outage
     */
    Future<Duration> note(Duration age) {
        return pg.transactions()
                .preparedQuery(NOTE)
                .execute(Tuple.of(age.toMillis()))
                .compose(rows -> {
                    Row row = rows.iterator().next();
                    return (row.getBoolean("is_back") ? followClock() : Future.<Void>succeededFuture())
                            .map(Duration.ofMillis(row.getLong("lost_ms")));
                });
    }

    private Future<Void> followClock() {
        log.warn("the clock of PostgreSQL was set back: what waits for a time is due now");
        return pg.transactions().query(FOLLOW_CLOCK).execute().mapEmpty();
    }
}
