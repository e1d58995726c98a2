package dev.herald.endpoint;

import dev.herald.endpoint.Endpoint.Format;
import dev.herald.endpoint.Endpoint.Scheme;
import dev.herald.endpoint.Endpoint.Security;
import dev.herald.endpoint.Endpoint.Settings;
import dev.herald.endpoint.Endpoint.State;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** An endpoint's row in PostgreSQL. */
final class EndpointRow {
    static final String SELECT = "select * from webhook_endpoint";

    private EndpointRow() {}

    static Endpoint read(Row row) {
        OffsetDateTime failing = row.getOffsetDateTime("failing_since");
        Optional<Format> format = constant(Format.class, row);
        Optional<Scheme> scheme = constant(Scheme.class, row);
        // What a later version has written is for nodes of that version to serve; beside them this one sees a pause.
        State state = constant(State.class, row)
                .filter(known -> format.isPresent() && scheme.isPresent())
                .orElse(State.PAUSED);
        return new Endpoint(
                row.getString("id"),
                settings(row, format.orElse(Format.STANDARD)),
                security(row, scheme.orElse(Scheme.V1)),
                state,
                row.getString("state_reason"),
                row.getLong("revision"),
                row.getOffsetDateTime("created_at").toInstant(),
                row.getOffsetDateTime("updated_at").toInstant(),
                failing == null ? null : failing.toInstant());
    }

    static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** Of the column that is called as the enum is; empty if it is none of this version's. */
    private static <E extends Enum<E>> Optional<E> constant(Class<E> type, Row row) {
        String written = row.getString(type.getSimpleName().toLowerCase(Locale.ROOT));
        return Arrays.stream(type.getEnumConstants())
                .filter(known -> name(known).equals(written))
                .findFirst();
    }

    private static Settings settings(Row row, Format format) {
        return new Settings(
                row.getString("url"),
                row.getString("description"),
                format,
                List.of(row.getArrayOfStrings("events")),
                row.getInteger("batch_size"),
                Duration.ofMillis(row.getInteger("batch_delay_ms")),
                row.getInteger("concurrency"),
                row.getInteger("rate"));
    }

    private static Security security(Row row, Scheme scheme) {
        return new Security(
                scheme,
                List.of(row.getArrayOfStrings("public_keys")),
                List.of(row.getArrayOfStrings("header_names")),
                row.get(Buffer.class, "secrets"),
                row.get(Buffer.class, "headers"));
    }
}
