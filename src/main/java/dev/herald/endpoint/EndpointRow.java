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
import java.util.List;
import java.util.Locale;

/** An endpoint's row in PostgreSQL. */
final class EndpointRow {
    static final String SELECT = "select * from webhook_endpoint";

    private EndpointRow() {}

    static Endpoint read(Row row) {
        OffsetDateTime failing = row.getOffsetDateTime("failing_since");
        return new Endpoint(
                row.getString("id"),
                settings(row),
                security(row),
                State.valueOf(upper(row.getString("state"))),
                row.getString("state_reason"),
                row.getLong("revision"),
                row.getOffsetDateTime("created_at").toInstant(),
                row.getOffsetDateTime("updated_at").toInstant(),
                failing == null ? null : failing.toInstant());
    }

    static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static Settings settings(Row row) {
        return new Settings(
                row.getString("url"),
                row.getString("description"),
                Format.valueOf(upper(row.getString("format"))),
                List.of(row.getArrayOfStrings("events")),
                row.getInteger("batch_size"),
                Duration.ofMillis(row.getInteger("batch_delay_ms")),
                row.getInteger("concurrency"),
                row.getInteger("rate"));
    }

    private static Security security(Row row) {
        return new Security(
                Scheme.valueOf(upper(row.getString("scheme"))),
                List.of(row.getArrayOfStrings("public_keys")),
                List.of(row.getArrayOfStrings("header_names")),
                row.get(Buffer.class, "secrets"),
                row.get(Buffer.class, "headers"));
    }

    private static String upper(String text) {
        return text.toUpperCase(Locale.ROOT);
    }
}
