package dev.herald.webhook.lane;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * This node as the owner of lanes, and its way to their table.
 *
 * @param id the incarnation of the node
 */
public record Owner(SqlClient client, long id, Duration lease) {
    /** What has not answered within a lease is of no use any more. */
    public Future<RowSet<Row>> run(String sql, Tuple arguments) {
        return client.preparedQuery(sql).execute(arguments).timeout(lease.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** As statements take it. */
    public int leaseMillis() {
        return (int) lease.toMillis();
    }
}
