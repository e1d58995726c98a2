package dev.herald.command;

import dev.herald.postgres.Rows;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.Map;

/** Which nodes fan commands out at this moment. */
public final class FanOutLeases {
    private static final String HELD = """
            select lease_owner, count(*) from cmd
            where done_at is null and lease_until > now() group by lease_owner""";

    private FanOutLeases() {}

    /** Commands under way by the incarnation of the node that walks them. */
    public static Future<Map<Long, Long>> held(SqlClient pg) {
        return pg.query(HELD).execute().map(Rows::counts);
    }
}
