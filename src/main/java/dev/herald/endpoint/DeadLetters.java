package dev.herald.endpoint;

import dev.herald.eventlog.LoggedEvent;
import dev.herald.postgres.PgClients;
import dev.herald.postgres.Rows;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Events that an endpoint could not be given: to be looked at, and to be sent again. */
public final class DeadLetters {
    /** Asked for in one call. */
    public static final int MOST_REPLAYED = 10_000;

    private static final String WHERE = """
            where endpoint = $1 and event_id > $2
                and ($3::text is null or type = $3) and ($4::text is null or key = $4)
                and ($5::timestamptz is null or created_at >= $5) and ($6::timestamptz is null or created_at < $6)
                and ($7::text is null or position(lower($7) in lower(data::text)) > 0)
                and ($8::bigint[] is null or event_id = any ($8))
            """;

    private static final String LIST = """
            select event_id as id, txid, type, key, data, created_at, reason, status, attempts, died_at, replay_at
            from dead_letter %s order by event_id limit $9""".formatted(WHERE);

    private static final String REPLAY = """
            update dead_letter set replay_at = now()
            where (endpoint, event_id) in (
                select endpoint, event_id from dead_letter %s and replay_at is null order by event_id limit $9)""".formatted(WHERE);

    private final PgClients pg;

    public DeadLetters(PgClients pg) {
        this.pg = pg;
    }

    /**
     * Which letters are meant; what is null or empty does not narrow.
     *
     * @param key what the event is kept in order with
     * @param since earliest time of the event
     * @param until the time that it is before
     * @param text somewhere in its data, upper or lower case
     * @param ids numbers in the log
     */
    public record Filter(
            @Nullable String type,
            @Nullable String key,
            @Nullable Instant since,
            @Nullable Instant until,
            @Nullable String text,
            Optional<List<Long>> ids) {
        public static final Filter ALL = new Filter(null, null, null, null, null, Optional.empty());

        public static Filter of(long id) {
            return new Filter(null, null, null, null, null, Optional.of(List.of(id)));
        }
    }

    /**
     * @param reason refused, expired or unreadable
     * @param status of the last attempt
     * @param replayAt since when it is asked for again
     */
    public record Letter(
            LoggedEvent event,
            String reason,
            String status,
            int attempts,
            Instant diedAt,
            @Nullable Instant replayAt) {}

    /**
     * By their age in the log.
     *
     * @param after number of the last one of the page before, 0 for the first page
     */
    public Future<List<Letter>> list(String endpoint, Filter filter, long after, int limit) {
        return pg.transactions()
                .preparedQuery(LIST)
                .execute(arguments(endpoint, filter, after, limit))
                .map(rows -> Rows.list(rows, DeadLetters::letter));
    }

    /** Asks for up to {@link #MOST_REPLAYED} of them to be sent again, under their old ids; answers how many. */
    public Future<Integer> replay(String endpoint, Filter filter) {
        return pg.transactions()
                .preparedQuery(REPLAY)
                .execute(arguments(endpoint, filter, -1, MOST_REPLAYED))
                .map(RowSet::rowCount);
    }

    private static Tuple arguments(String endpoint, Filter filter, long after, int limit) {
        return Tuple.tuple()
                .addString(endpoint)
                .addLong(after)
                .addString(filter.type())
                .addString(filter.key())
                .addOffsetDateTime(time(filter.since()))
                .addOffsetDateTime(time(filter.until()))
                .addString(filter.text())
                .addArrayOfLong(
                        filter.ids().map(ids -> ids.toArray(Long[]::new)).orElse(null))
                .addInteger(limit);
    }

    private static @Nullable OffsetDateTime time(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }

    private static Letter letter(Row row) {
        OffsetDateTime replay = row.getOffsetDateTime("replay_at");
        return new Letter(
                LoggedEvent.of(row),
                row.getString("reason"),
                row.getString("status"),
                row.getInteger("attempts"),
                row.getOffsetDateTime("died_at").toInstant(),
                replay == null ? null : replay.toInstant());
    }
}
