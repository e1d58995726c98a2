package dev.herald.it;

import static dev.herald.it.Sql.await;

import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import org.awaitility.Awaitility;

/** A transaction that holds what others need, until it is ended. */
public final class Blocked implements AutoCloseable {
    private final SqlConnection connection;
    private final Transaction transaction;
    private final Sql others;
    private boolean ended;

    private Blocked(PgClients pg) {
        this.connection = await(pg.transactions().getConnection());
        this.transaction = await(connection.begin());
        this.others = new Sql(pg.statements());
        new Sql(connection).run("set local idle_in_transaction_session_timeout = 0");
    }

    /** @param sql takes the locks */
    public static Blocked by(PgClients pg, String sql) {
        Blocked blocked = new Blocked(pg);
        new Sql(blocked.connection).rows(sql);
        return blocked;
    }

    /** Waits until so many others wait for locks, or for the work that turned out not to wait. */
    public void awaitWaiting(int others, Future<?> work) {
        Awaitility.await().until(() -> work.isComplete() || waiting() >= others);
    }

    private int waiting() {
        return Integer.parseInt(others.value("""
                select count(*) from pg_stat_activity
                where datname = current_database() and wait_event_type = 'Lock'"""));
    }

    public void end() {
        if (!ended) {
            ended = true;
            await(transaction.commit());
            await(connection.close());
        }
    }

    @Override
    public void close() {
        end();
    }
}
