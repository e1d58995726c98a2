package dev.herald.webhook;

import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Objects;

/** Keys that go their own way come back to their lane when they have caught up with it. */
final class SideLanes {
    /** While the lane is locked and nobody works on it, its cursor stands still, and nothing left out is behind it. */
    private static final String LOCK = """
            select 1 from webhook_lane
            where endpoint = $1 and lane = $2::int and key = '' and (lease_until is null or lease_until <= now())
            for update skip locked""";

    /** A statement of its own: it sees all that was committed before the lock was taken. */
    private static final String REJOIN = """
            delete from webhook_lane s using webhook_lane m
            where s.endpoint = $1 and s.lane = $2::int and s.key = $3 and s.attempts = 0
                and (s.lease_until is null or s.lease_until <= now())
                and m.endpoint = $1 and m.lane = $2::int and m.key = ''
                and not exists (select from event e
                    where e.lane = s.lane and e.key = s.key and e.type = any ($4::text[])
                        and (e.txid, e.id) > (s.read_txid, s.read_id) and (e.txid, e.id) <= (m.read_txid, m.read_id))""";

    private final PgClients pg;

    SideLanes(PgClients pg) {
        this.pg = pg;
    }

    /** True if the key is back in its lane; else there is more to deliver, or somebody works on the lane. */
    Future<Boolean> rejoin(LaneKey side, List<String> types) {
        Tuple key = Tuple.of(side.endpoint(), side.lane());
        Tuple all = Tuple.of(side.endpoint(), side.lane(), side.key(), types.toArray(String[]::new));
        return pg.transactions()
                .withTransaction(tx -> tx.preparedQuery(LOCK)
                        .execute(key)
                        .compose(locked -> locked.size() == 0
                                ? Future.succeededFuture(false)
                                : tx.preparedQuery(REJOIN).execute(all).map(rows -> rows.rowCount() == 1)))
                .map(joined -> Objects.requireNonNull(joined));
    }
}
