package dev.herald.postgres;

import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** What a statement answered, as values. */
public final class Rows {
    private Rows() {}

    public static <T> List<T> list(RowSet<Row> rows, Function<Row, T> form) {
        return stream(rows).map(form).toList();
    }

    /** Of a statement that answers with one row or none. */
    public static <T> Optional<T> first(RowSet<Row> rows, Function<Row, T> form) {
        return stream(rows).map(form).findFirst();
    }

    public static Stream<Row> stream(RowSet<Row> rows) {
        return StreamSupport.stream(rows.spliterator(), false);
    }
}
