package dev.herald.webhook.dispatch;

import dev.herald.eventlog.Position;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Reads once for all endpoints of a node which lanes have got something, so that no lane has to ask by itself. What it
 * finds are hints: a lane's own cursor says what is to be sent.
 */
public final class Scout {
    private static final long DEADLINE_SECONDS = 5;
    private static final int PAGE = 5_000;

    /** Not past the oldest transaction still running: see {@code docs/decisions/003}. */
    private static final String HORIZON = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint";

    private static final String FRESH = """
            with horizon as (select %s as txid),
            fresh as (
                select txid, id, lane, type from event
                where (txid, id) > ($1, $2) and txid < (select txid from horizon)
                order by txid, id limit %d)
            select f.lane, f.type, max(f.txid) as txid, max(f.id) filter (where f.txid = l.txid) as id,
                (select count(*) from fresh) as size,
                exists (select from event where txid >= (select txid from horizon)) as held
            from (select 1) one left join fresh f on true left join (select max(txid) as txid from fresh) l on true
            group by f.lane, f.type""".formatted(HORIZON, PAGE);

    private static final String BEGINNING = "select " + HORIZON + " - 1 as txid";

    private final SqlClient client;
    private Position seen = new Position(0, Long.MAX_VALUE);
    private boolean begun;

    public Scout(SqlClient client) {
        this.client = client;
    }

    /** A lane that has got events of a type. */
    public record Hint(int lane, String type) {}

    /**
     * @param held events are committed that an older transaction, still running, keeps back
     * @param more true if there are further ones
     */
    public record Found(List<Hint> hints, boolean held, boolean more) {}

    /** What is new since the last call; at the first one nothing, since then all lanes are looked at anyway. */
    public Future<Found> look() {
        if (!begun) {
            return client.query(BEGINNING)
                    .execute()
                    .timeout(DEADLINE_SECONDS, TimeUnit.SECONDS)
                    .map(rows -> {
                        seen = new Position(rows.iterator().next().getLong("txid"), Long.MAX_VALUE);
                        begun = true;
                        return new Found(List.of(), false, false);
                    });
        }
        return client.preparedQuery(FRESH)
                .execute(Tuple.of(seen.txid(), seen.id()))
                .timeout(DEADLINE_SECONDS, TimeUnit.SECONDS)
                .map(this::found);
    }

    private Found found(RowSet<Row> rows) {
        List<Hint> hints = new ArrayList<>();
        boolean held = false;
        boolean more = false;
        for (Row row : rows) {
            held = row.getBoolean("held");
            more = row.getLong("size") == PAGE;
            if (row.getValue("lane") == null) {
                continue;
            }
            hints.add(new Hint(row.getInteger("lane"), row.getString("type")));
            if (row.getValue("id") != null) {
                Position at = new Position(row.getLong("txid"), row.getLong("id"));
                seen = seen.compareTo(at) >= 0 ? seen : at;
            }
        }
        return new Found(hints, held, more);
    }
}
