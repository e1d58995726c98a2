package dev.herald.endpoint;

import dev.herald.endpoint.Endpoint.Format;
import dev.herald.endpoint.Endpoint.Scheme;
import dev.herald.endpoint.Endpoint.Security;
import dev.herald.endpoint.Endpoint.Settings;
import dev.herald.endpoint.Endpoint.State;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** An endpoint's row in PostgreSQL, read and written. */
final class EndpointRow {
    static final String SELECT = "select * from webhook_endpoint";

    static final String CREATE = """
            insert into webhook_endpoint (id, url, description, format, events, types, batch_size, batch_delay_ms,
                concurrency, rate, scheme, public_keys, secrets, headers, header_names, state)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
            on conflict (id) do nothing""";

    static final String UPDATE = """
            update webhook_endpoint set url = $2, description = $3, format = $4, events = $5, types = $6, batch_size = $7,
                batch_delay_ms = $8, concurrency = $9, rate = $10, scheme = $11, public_keys = $12, secrets = $13,
                headers = $14, header_names = $15, state = $16, state_reason = $17,
                revision = nextval('webhook_revision'), updated_at = now(),
                failing_since = case when state = $16 then failing_since end,
                failing_told_at = case when state = $16 then failing_told_at end
            where id = $1""";

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

    /** The first arguments of {@link #CREATE} and {@link #UPDATE}. */
    static Tuple columns(String id, Settings settings, Security security, State state) {
        return Tuple.tuple()
                .addString(id)
                .addString(settings.url())
                .addString(settings.description())
                .addString(EndpointRow.name(settings.format()))
                .addArrayOfString(array(settings.events()))
                .addArrayOfString(array(settings.types()))
                .addInteger(settings.batchSize())
                .addInteger((int) settings.batchDelay().toMillis())
                .addInteger(settings.concurrency())
                .addInteger(settings.rate())
                .addString(EndpointRow.name(security.scheme()))
                .addArrayOfString(array(security.publicKeys()))
                .addBuffer(security.secrets())
                .addBuffer(security.headers())
                .addArrayOfString(array(security.headerNames()))
                .addString(name(state));
    }

    static String[] array(List<String> texts) {
        return texts.toArray(String[]::new);
    }

    private static String name(Enum<?> constant) {
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
