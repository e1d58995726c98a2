package dev.herald.api;

import static org.awaitility.Awaitility.await;

import dev.herald.it.Sql;
import dev.herald.postgres.PgClients;
import io.vertx.core.Vertx;
import java.util.function.Function;

/** What PostgreSQL itself counts of the work on a database. */
final class Counts {
    private Counts() {}

    /** Asked when the connections that the counts belong to are gone: only then they are whole. */
    static <T> T alone(Vertx vertx, String url, Function<Sql, T> question) {
        PgClients pg = PgClients.open(vertx, url, 1);
        Sql sql = new Sql(pg.transactions());
        await().until(() -> "0"
                .equals(sql.value("select count(*) from pg_stat_activity"
                        + " where datname = current_database() and application_name = 'herald'"
                        + " and pid <> pg_backend_pid()")));
        T answer = question.apply(sql);
        Sql.await(pg.close());
        return answer;
    }
}
