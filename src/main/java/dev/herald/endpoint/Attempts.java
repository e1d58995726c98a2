package dev.herald.endpoint;

import dev.herald.eventlog.LoggedEvent;
import dev.herald.postgres.PgClients;
import dev.herald.postgres.Rows;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What was sent to an endpoint lately, and what it answered. */
public final class Attempts {
    private static final String LIST = """
            select * from webhook_attempt
            where endpoint = $1 and id < $2 and not (delivered and $3)
            order by id desc limit $4""";

    /** Of all endpoints, the last so many, since nothing finds them by their time. */
    private static final String SINCE = """
            select * from webhook_attempt
            where id > (select coalesce(max(id), 0) - 20000 from webhook_attempt) and at >= $1
                and last_event is not null
            order by id""";

    private final PgClients pg;

    public Attempts(PgClients pg) {
        this.pg = pg;
    }

    /**
     * @param request the header webhook-id
     * @param attempt from 1
     * @param answer first bytes of its body
     * @param nextAt when it is tried again, if it is
     */
    public record Made(
            long id,
            Instant at,
            String request,
            String type,
            int events,
            int attempt,
            boolean delivered,
            String status,
            int latencyMillis,
            String answer,
            @Nullable Instant nextAt) {}

    /**
     * The newest first.
     *
     * @param before id of the last one of the page before
     */
    public Future<List<Made>> list(String endpoint, long before, boolean failedOnly, int limit) {
        return pg.transactions()
                .preparedQuery(LIST)
                .execute(Tuple.of(endpoint, before, failedOnly, limit))
                .map(rows -> Rows.list(rows, Attempts::made));
    }

    /**
     * One of {@link #since}.
     *
     * @param last number of the last event that it carried
     */
    public record OfEndpoint(String endpoint, Made made, long last) {
        /**
         * A request is named after its first event, those of several with more behind that.
         *
         * @param upToIt numbers of the events of its lane up to this one
         */
        public boolean carries(LoggedEvent event, Set<Long> upToIt) {
            String first = made.request.replaceFirst("^(evt_[^_]*)_.*", "$1");
            return upToIt.contains(LoggedEvent.number(first))
                    && (last == event.at().id() || !upToIt.contains(last));
        }
    }

    /** What was sent to any endpoint since then, the oldest first; of a busy time only the latest 20,000. */
    public Future<List<OfEndpoint>> since(Instant from) {
        return pg.transactions()
                .preparedQuery(SINCE)
                .execute(Tuple.of(from.atOffset(ZoneOffset.UTC)))
                .map(rows -> Rows.list(
                        rows, row -> new OfEndpoint(row.getString("endpoint"), made(row), row.getLong("last_event"))));
    }

    private static Made made(Row row) {
        OffsetDateTime next = row.getOffsetDateTime("next_at");
        return new Made(
                row.getLong("id"),
                row.getOffsetDateTime("at").toInstant(),
                row.getString("request"),
                row.getString("type"),
                row.getInteger("events"),
                row.getInteger("attempt"),
                row.getBoolean("delivered"),
                row.getString("status"),
                row.getInteger("latency_ms"),
                row.getString("answer"),
                next == null ? null : next.toInstant());
    }
}
