package dev.herald.postgres;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Values as the arrays that a statement takes with {@code unnest}, a column each, in the order of the calls.
 *
 * @param <T> what a row is made of
 */
public final class Columns<T> {
    private final Collection<T> rows;
    private final Tuple arguments;

    private Columns(Collection<T> rows, Tuple arguments) {
        this.rows = rows;
        this.arguments = arguments;
    }

    public static <T> Columns<T> of(Collection<T> rows) {
        return behind(Tuple.tuple(), rows);
    }

    /** @param first arguments that stand before the arrays */
    public static <T> Columns<T> behind(Tuple first, Collection<T> rows) {
        return new Columns<>(rows, first);
    }

    public Columns<T> texts(Function<T, @Nullable String> value) {
        arguments.addArrayOfString(column(value, String[]::new));
        return this;
    }

    public Columns<T> integers(Function<T, Integer> value) {
        arguments.addArrayOfInteger(column(value, Integer[]::new));
        return this;
    }

    public Columns<T> longs(Function<T, @Nullable Long> value) {
        arguments.addArrayOfLong(column(value, Long[]::new));
        return this;
    }

    public Columns<T> booleans(Function<T, Boolean> value) {
        arguments.addArrayOfBoolean(column(value, Boolean[]::new));
        return this;
    }

    /** Of values that fit. */
    public Columns<T> shorts(ToIntFunction<T> value) {
        arguments.addArrayOfShort(column(row -> (short) value.applyAsInt(row), Short[]::new));
        return this;
    }

    public Columns<T> bytes(Function<T, Buffer> value) {
        arguments.addArrayOfBuffer(column(value, Buffer[]::new));
        return this;
    }

    public Columns<T> jsons(Function<T, JsonObject> value) {
        arguments.addArrayOfJsonObject(column(value, JsonObject[]::new));
        return this;
    }

    public Columns<T> times(Function<T, @Nullable OffsetDateTime> value) {
        arguments.addArrayOfOffsetDateTime(column(value, OffsetDateTime[]::new));
        return this;
    }

    /** All arguments; whatever else is added to it stands behind the arrays. */
    public Tuple tuple() {
        return arguments;
    }

    private <V extends @Nullable Object> V[] column(Function<T, V> value, IntFunction<V[]> array) {
        return rows.stream().map(value).toArray(array);
    }
}
