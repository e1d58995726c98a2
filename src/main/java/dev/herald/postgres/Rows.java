package dev.herald.postgres;

import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
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

    /** Of a statement that answers with numbers and how often each is there. */
    public static Map<Long, Long> counts(RowSet<Row> rows) {
        return stream(rows).collect(Collectors.toMap(row -> row.getLong(0), row -> row.getLong(1)));
    }

    public static Stream<Row> stream(RowSet<Row> rows) {
        return StreamSupport.stream(rows.spliterator(), false);
    }
}
