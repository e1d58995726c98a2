package dev.herald.account;

import dev.herald.failure.HeraldException;
import dev.herald.postgres.PgClients;
import dev.herald.postgres.Rows;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.Collection;
import java.util.List;

/** Those that the back end has made system accounts; every node keeps them all in memory. */
public final class SystemAccounts {
    /** Most of them. */
    public static final int MAX = 10_000;

    private static final String ALL = "select uid from system_account order by uid";

    private static final String ADD = """
            with room as (
                select (select count(*) from system_account where uid <> all($1)) + cardinality($1::text[]) <= %d as ok
            ), added as (
                insert into system_account (uid)
                select uid from unnest($1::text[]) uid, room where room.ok on conflict do nothing
            )
            select ok from room""".formatted(MAX);

    private static final String REMOVE = "delete from system_account where uid = any($1)";

    private final SqlClient client;

    public SystemAccounts(PgClients pg) {
        this.client = pg.statements();
    }

    /** In the order of their bytes. */
    public Future<List<String>> all() {
        return client.preparedQuery(ALL).execute().map(rows -> Rows.list(rows, row -> row.getString("uid")));
    }

    /** @param uids each once; those that are there already stay */
    public static Future<Void> add(SqlClient client, Collection<String> uids) {
        return client.preparedQuery(ADD)
                .execute(arrayOf(uids))
                .compose(rows -> rows.iterator().next().getBoolean("ok")
                        ? Future.succeededFuture()
                        : Future.failedFuture(
                                HeraldException.invalid("uids", "would make more than " + MAX + " in all")));
    }

    public static Future<Void> remove(SqlClient client, Collection<String> uids) {
        return client.preparedQuery(REMOVE).execute(arrayOf(uids)).mapEmpty();
    }

    private static Tuple arrayOf(Collection<String> uids) {
        return Tuple.tuple().addArrayOfString(uids.toArray(String[]::new));
    }
}
