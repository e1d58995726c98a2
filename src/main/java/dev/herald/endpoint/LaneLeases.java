package dev.herald.endpoint;

import dev.herald.postgres.Rows;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.Map;

/** Which nodes deliver to endpoints at this moment. */
public final class LaneLeases {
    private static final String HELD = """
            select lease_owner, count(*) from webhook_lane where lease_until > now() group by lease_owner""";

    private LaneLeases() {}

    /** Lanes by the incarnation of the node that holds them. */
    public static Future<Map<Long, Long>> held(SqlClient pg) {
        return pg.query(HELD).execute().map(Rows::counts);
    }
}
