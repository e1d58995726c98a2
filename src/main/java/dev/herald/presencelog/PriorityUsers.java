package dev.herald.presencelog;

import dev.herald.postgres.Rows;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.List;

/** The users whom back ends made a priority: every node knows them all, so they are few. */
public final class PriorityUsers {
    /** Above it {@link #add} refuses. */
    public static final int MAX = 10_000;

    private static final String ADD = """
            insert into presence_priority (uid) select distinct u from unnest($1::text[]) as u
            where (select count(*) from presence_priority) + cardinality($1) <= $2
            on conflict (uid) do nothing""";

    private static final String REMOVE = "delete from presence_priority where uid = any($1::text[])";

    private static final String LIST = "select uid from presence_priority where uid > $1 order by uid limit $2";

    private static final String MISSING =
            "select count(*) from unnest($1::text[]) as u where not exists (select from presence_priority p where p.uid = u)";

    private PriorityUsers() {}

    /** False, and nothing is added, if that could make them more than {@link #MAX}. */
    public static Future<Boolean> add(SqlClient client, List<String> uids) {
        String[] all = uids.toArray(String[]::new);
        return client.preparedQuery(ADD)
                .execute(Tuple.of(all, MAX))
                .compose(added -> client.preparedQuery(MISSING).execute(Tuple.of((Object) all)))
                .map(rows -> rows.iterator().next().getLong(0) == 0);
    }

    public static Future<Void> remove(SqlClient client, List<String> uids) {
        return client.preparedQuery(REMOVE)
                .execute(Tuple.of((Object) uids.toArray(String[]::new)))
                .mapEmpty();
    }

    /** @param after the last uid of the page before, or an empty text */
    public static Future<List<String>> list(SqlClient client, String after, int limit) {
        return client.preparedQuery(LIST)
                .execute(Tuple.of(after, limit))
                .map(rows -> Rows.list(rows, row -> row.getString(0)));
    }
}
