package dev.herald.it;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Plain questions to a test's database, answered on the test's thread. */
public final class Sql {
    private final SqlClient client;

    public Sql(SqlClient client) {
        this.client = client;
    }

    /** Each row as the texts of its columns, joined by a space. */
    public List<String> rows(String sql, Object... parameters) {
        List<String> rows = new ArrayList<>();
        for (Row row : await(client.preparedQuery(sql).execute(Tuple.wrap(parameters)))) {
            rows.add(String.join(
                    " ",
                    IntStream.range(0, row.size())
                            .mapToObj(column -> String.valueOf(row.getValue(column)))
                            .toList()));
        }
        return rows;
    }

    public String value(String sql, Object... parameters) {
        return rows(sql, parameters).getFirst();
    }

    public void run(String sql) {
        await(client.query(sql).execute());
    }

    /** Waits, with a deadline, for a future of another thread. */
    public static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException e) {
            throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e.getCause());
        } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }
}
