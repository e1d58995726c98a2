package dev.herald.webhook.lane;

import dev.herald.eventlog.Position;
import dev.herald.webhook.lane.Settlements.Settlement;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;

/**
 * Keys that go their own way come back to their lane when they have caught up with it. The lane is leased for that, and
 * due again only after the key is back: a claim that still saw the key on its own comes too late for the lane, by its
 * lease or by the time when it is due.
 */
public final class SideLanes {
    /**
     * A lane that nobody works on, and between two batches: one that is sent again must hold what it held. Until it is
     * given back it has a batch without events, so that whoever comes after this process looks at it.
     */
    private static final String TAKE = """
            update webhook_lane m
            set lease_owner = $3, lease_until = now() + $4::int * interval '1 ms', batch_txid = m.read_txid, batch_id = m.read_id
            from (select endpoint, lane, key from webhook_lane
                where endpoint = $1 and lane = $2::int and key = '' and batch_txid is null
                    and (lease_until is null or lease_until <= now())
                for update skip locked) free
            where m.endpoint = free.endpoint and m.lane = free.lane and m.key = free.key
            returning m.read_txid, m.read_id""";

    /** A statement of its own: it sees all that was committed before the lane was taken. */
    private static final String REJOIN = """
            with m as (
                update webhook_lane set lease_until = now() + $4::int * interval '1 ms'
                where endpoint = $1 and lane = $2::int and key = '' and lease_owner = $3 and lease_until > now()
                    and (batch_txid, batch_id) = (read_txid, read_id)
                returning read_txid, read_id)
            delete from webhook_lane s using m
            where s.endpoint = $1 and s.lane = $2::int and s.key = $5 and s.attempts = 0
                and (s.lease_until is null or s.lease_until <= now())
                and not exists (select from event e
                    where e.lane = s.lane and e.key = s.key and e.type = any ($6::text[])
                        and (e.txid, e.id) > (s.read_txid, s.read_id) and (e.txid, e.id) <= (m.read_txid, m.read_id))""";

    private final Owner owner;
    private final Settlements settlements;

    public SideLanes(Owner owner, Settlements settlements) {
        this.owner = owner;
        this.settlements = settlements;
    }

    /** True if the key is back in its lane; else there is more to deliver, or somebody works on the lane. */
    public Future<Boolean> rejoin(LaneKey side, List<String> types) {
        return owner.run(TAKE, lane(side)).compose(taken -> {
            if (taken.size() == 0) {
                return Future.succeededFuture(false);
            }
            Row row = taken.iterator().next();
            Position at = new Position(row.getLong("read_txid"), row.getLong("read_id"));
            Tuple all = lane(side).addString(side.key()).addArrayOfString(types.toArray(String[]::new));
            return owner.run(REJOIN, all)
                    .map(rows -> rows.rowCount() == 1)
                    .compose(joined -> giveBack(side.main(), at, joined).map(joined));
        });
    }

    private Future<Boolean> giveBack(LaneKey main, Position at, boolean joined) {
        return settlements.settle(new Settlement(main, at, at, joined ? at : null, 0, Duration.ZERO, false));
    }

    private Tuple lane(LaneKey side) {
        return Tuple.of(side.endpoint(), side.lane(), owner.id(), owner.leaseMillis());
    }
}
