package dev.herald.postgres;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlClient;
import java.net.ConnectException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The two ways to PostgreSQL, shared by verticles of a node.
 *
 * @param transactions a pool for work that needs a transaction, and for a statement that may take long
 * @param statements pipelined connections for single statements that are short: others wait behind them
 */
public record PgClients(Pool transactions, SqlClient statements) {
    private static final int CONNECTION_WAIT_SECONDS = 5;
    private static final int MAX_WAITING = 10_000;

    /** A statement that PostgreSQL has not finished by then is ended there … */
    private static final String STATEMENT_MILLIS = "15000";

    private static final String LOCK_MILLIS = "5000";

    /** … and a connection that says nothing for longer is taken for dead, with all that waits on it. */
    private static final int SILENCE_SECONDS = 20;

    /** A connection that nobody uses is closed before its silence could be mistaken. */
    private static final int UNUSED_SECONDS = 10;

    /** @param url {@code postgresql://user:password@host:port/database} */
    public static PgClients open(Vertx vertx, String url, int poolSize) {
        return open(vertx, url, poolSize, "");
    }

    /** @param whose what the names of its pools begin with in metrics */
    public static PgClients open(Vertx vertx, String url, int poolSize, String whose) {
        PgConnectOptions connect = PgConnectOptions.fromUri(url)
                .setCachePreparedStatements(true)
                // The longest statements, too, which Vert.x leaves out: they take longest to plan.
                .setPreparedStatementCacheSqlFilter(sql -> true)
                // Prepared plans outlive the size that a table had when they were made: on a young one they would scan
                // it whole.
                .addProperty("enable_seqscan", "off")
                // Statements over arrays have the same plan whatever they are given; making it anew would cost a
                // multiple of running it where a table has partitions.
                .addProperty("plan_cache_mode", "force_generic_plan")
                // Compiling pays for statements that run for seconds; up to version 17 it happens to all whose plan
                // scans a table after all.
                .addProperty("jit", "off")
                .addProperty("statement_timeout", STATEMENT_MILLIS)
                .addProperty("lock_timeout", LOCK_MILLIS)
                .addProperty("idle_in_transaction_session_timeout", STATEMENT_MILLIS)
                .addProperty("application_name", "herald");
        NetClientOptions transport =
                new NetClientOptions().setReadIdleTimeout(SILENCE_SECONDS).setTcpKeepAlive(true);
        PoolOptions options = new PoolOptions()
                .setMaxSize(poolSize)
                .setMaxWaitQueueSize(MAX_WAITING)
                .setConnectionTimeout(CONNECTION_WAIT_SECONDS)
                .setConnectionTimeoutUnit(TimeUnit.SECONDS)
                .setIdleTimeout(UNUSED_SECONDS)
                .setIdleTimeoutUnit(TimeUnit.SECONDS);
        Pool pool = PgBuilder.pool()
                .with(new PoolOptions(options).setName(whose + "transactions"))
                .with(transport)
                .connectingTo(connect)
                .using(vertx)
                .build();
        SqlClient client = PgBuilder.client()
                .with(new PoolOptions(options).setName(whose + "statements").setMaxSize(Math.max(1, poolSize / 2)))
                .with(transport)
                .connectingTo(connect)
                .using(vertx)
                .build();
        return new PgClients(pool, client);
    }

    /** True if PostgreSQL could not be reached, or said that it serves nobody now: it may be starting or stopping. */
    public static boolean isAway(Throwable cause) {
        return cause instanceof ConnectException
                || cause instanceof ClosedConnectionException
                || (cause instanceof PgException refused && isAway(refused.getSqlState()));
    }

    /** True if PostgreSQL answered that it does not do this: another statement may be done. */
    public static boolean isRefusal(Throwable cause) {
        return cause instanceof PgException && !isAway(cause);
    }

    /** True if PostgreSQL ended a statement at its time limit: a smaller one may pass. */
    public static boolean tookTooLong(Throwable cause) {
        return cause instanceof PgException refused && "57014".equals(refused.getSqlState());
    }

    /** Of a connection (08), of a server that stops or starts (57P), or of one that has too many connections. */
    static boolean isAway(@Nullable String sqlState) {
        return sqlState != null
                && (sqlState.startsWith("08") || sqlState.startsWith("57P") || sqlState.equals("53300"));
    }

    public Future<Void> close() {
        return Future.join(transactions.close(), statements.close()).mapEmpty();
    }
}
