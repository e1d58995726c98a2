package dev.herald.command;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.HashMap;
import java.util.Map;

/** Which nodes fan commands out at this moment. */
public final class FanOutLeases {
    private static final String HELD = """
            select lease_owner as node, count(*) as commands from cmd
            where done_at is null and lease_until > now() group by lease_owner""";

    private FanOutLeases() {}

    /** Commands under way by the incarnation of the node that walks them. */
    public static Future<Map<Long, Long>> held(SqlClient pg) {
        return pg.query(HELD).execute().map(rows -> {
            Map<Long, Long> commands = new HashMap<>();
            rows.forEach(row -> commands.put(row.getLong("node"), row.getLong("commands")));
            return commands;
        });
    }
}
