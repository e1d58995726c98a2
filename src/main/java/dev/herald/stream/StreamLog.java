package dev.herald.stream;

import dev.herald.failure.HeraldException;
import dev.herald.postgres.PgClients;
import dev.herald.postgres.Rows;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Adds events to messages: each once, in one order for each message, and nothing to what has ended. */
public final class StreamLog {
    /** Of one message. */
    public static final int MAX_EVENTS = 20_000;

    /** Payloads of one message. */
    public static final int MAX_BYTES = 4 << 20;

    static final String COLUMNS = "seq, event_key, event_id, event_type, visibility, occurred_at, payload";

    private static final String UNIQUE_VIOLATION = "23505";
    private static final String FOREIGN_KEY_VIOLATION = "23503";

    /** An end finds room where other events do not. */
    private static final String APPEND = """
            with stream as (
                insert into message_stream as s (message_id, channel, message_seq, last_seq, bytes, ended)
                values ($1, $2, $3, 1, octet_length($9::text), $10::text[])
                on conflict (message_id) do update set
                    last_seq = s.last_seq + 1, bytes = s.bytes + octet_length($9::text), ended = s.ended || $10::text[]
                    where $4::text <> all(s.ended)
                        and s.last_seq < %d * (1 + cardinality($10::text[]))
                        and s.bytes + octet_length($9::text) <= %d * (1 + cardinality($10::text[]))
                returning last_seq)
            insert into message_event
                (message_id, seq, event_key, event_id, event_type, visibility, occurred_at, payload)
            select $1, last_seq, $4, $5, $6, $7, $8, $9 from stream
            returning seq, (select revision from channel where pk = $2) as revision,
                exists (select from message_event e
                    where e.message_id = $1 and e.event_key = $4 and e.event_type = '%s') as open""".formatted(MAX_EVENTS, MAX_BYTES, StreamEvent.DELTA);

    private static final String HOLD =
            "select $2::text = any(ended) as over from message_stream where message_id = $1 for update";

    /** What an end stands for from then on; nobody sees in it what was not for the same eyes. */
    private static final String FOLDED = """
            delete from message_event
            where message_id = $1 and event_key = $2 and visibility = $3 and event_type in ('%s', '%s')
            returning %s""".formatted(StreamEvent.DELTA, StreamEvent.SNAPSHOT, COLUMNS);

    private static final String OF_KEY =
            "select " + COLUMNS + " from message_event where message_id = $1 and event_key = $2 order by seq";

    private static final String PAGE = """
            select %s from message_event
            where message_id = $1 and seq > $2::bigint and ($3::text = '' or event_key = $3)
                and ($4::boolean or visibility not in ('private', 'restricted'))
            order by seq limit $5::bigint""".formatted(COLUMNS);

    private final PgClients pg;

    public StreamLog(PgClients pg) {
        this.pg = pg;
    }

    /**
     * What became of an event.
     *
     * @param event it, as it is stored; or the end that it came behind
     * @param status of its key
     * @param revision of the channel
     * @param fresh false if it was there already, or its key had ended: then nobody is told
     */
    public record Appended(StreamEvent event, String status, long revision, boolean fresh) {}

    /**
     * Stores an event once.
     *
     * @throws HeraldException (INVALID) if its message is gone or has too many, or a delta comes behind the end of its key
     */
    public Future<Appended> append(StreamMessage message, StreamEvent event) {
        Future<Optional<Appended>> appended = event.ends()
                ? pg.transactions()
                        .withTransaction(tx -> end(tx, message, event))
                        .map(Objects::requireNonNull)
                : append(pg.statements(), message, event);
        return appended.compose(done -> done.map(Future::succeededFuture).orElseGet(() -> standing(message, event)))
                .recover(cause -> switch (cause instanceof PgException refused ? refused.getSqlState() : "") {
                    case UNIQUE_VIOLATION -> standing(message, event);
                    case FOREIGN_KEY_VIOLATION -> Future.failedFuture(StreamMessages.unknown());
                    default -> Future.failedFuture(cause);
                });
    }

    private static Future<Optional<Appended>> append(SqlClient client, StreamMessage message, StreamEvent event) {
        Tuple arguments = Tuple.of(message.id(), message.channel(), message.seq())
                .addString(event.key())
                .addString(event.id())
                .addString(event.type())
                .addString(event.visibility())
                .addLong(event.occurredAtMillis())
                .addString(event.payload())
                .addArrayOfString(event.ends() ? new String[] {event.key()} : new String[0]);
        return client.preparedQuery(APPEND)
                .execute(arguments)
                .map(rows -> Rows.first(rows, row -> appended(event, row)));
    }

    private static Appended appended(StreamEvent event, Row row) {
        StreamEvent stored = event.at(row.getLong("seq"));
        boolean open = row.getBoolean("open") || event.type().equals(StreamEvent.DELTA);
        String status = event.ends() ? KeyState.of(List.of(stored)).status() : open ? KeyState.OPEN : "";
        return new Appended(stored, status, row.getLong("revision"), true);
    }

    private static Future<Optional<Appended>> end(SqlClient tx, StreamMessage message, StreamEvent event) {
        return tx.preparedQuery(HOLD)
                .execute(Tuple.of(message.id(), event.key()))
                .compose(held -> Rows.first(held, row -> row.getBoolean("over")).orElse(false)
                        ? Future.succeededFuture(Optional.empty())
                        : fold(tx, message, event));
    }

    /** Takes the place of what has come of its key, so a message that is whole costs what it holds. */
    private static Future<Optional<Appended>> fold(SqlClient tx, StreamMessage message, StreamEvent event) {
        return tx.preparedQuery(FOLDED)
                .execute(Tuple.of(message.id(), event.key(), event.visibility()))
                .compose(folded -> {
                    List<StreamEvent> events = Rows.stream(folded)
                            .map(StreamLog::event)
                            .sorted(Comparator.comparingLong(StreamEvent::seq))
                            .toList();
                    StreamEvent whole = events.isEmpty()
                            ? event
                            : event.with(KeyState.of(events).endedBy(event).encode());
                    return append(tx, message, whole);
                })
                .map(appended -> {
                    if (appended.isEmpty()) {
                        throw full();
                    }
                    return appended;
                });
    }

    private static HeraldException full() {
        return HeraldException.invalid(
                "client_msg_no", "the message has " + MAX_EVENTS + " events, or " + MAX_BYTES + " bytes of them");
    }

    /** What an event meets that was not added: itself, the end of its key, or a bound. */
    private Future<Appended> standing(StreamMessage message, StreamEvent event) {
        return pg.statements()
                .preparedQuery(OF_KEY)
                .execute(Tuple.of(message.id(), event.key()))
                .map(rows -> {
                    List<StreamEvent> events = Rows.list(rows, StreamLog::event);
                    KeyState state = KeyState.of(events);
                    Optional<StreamEvent> same = events.stream()
                            .filter(it -> it.id().equals(event.id()))
                            .findFirst();
                    Optional<StreamEvent> end =
                            events.stream().filter(StreamEvent::ends).findFirst();
                    if (same.isEmpty() && end.isEmpty()) {
                        throw full();
                    }
                    if (same.isEmpty() && event.type().equals(StreamEvent.DELTA)) {
                        throw HeraldException.invalid("event_key", "the stream has ended");
                    }
                    return new Appended(same.or(() -> end).orElseThrow(), state.status(), 0, false);
                });
    }

    /**
     * Events of a message in their order.
     *
     * @param key empty for all
     * @param all true for those, too, that are not public
     */
    public Future<List<StreamEvent>> read(long messageId, String key, long after, int limit, boolean all) {
        return pg.statements()
                .preparedQuery(PAGE)
                .execute(Tuple.of(messageId, after, key, all, limit))
                .map(rows -> Rows.list(rows, StreamLog::event));
    }

    static StreamEvent event(Row row) {
        return new StreamEvent(
                row.getLong("seq"),
                row.getString("event_key"),
                row.getString("event_id"),
                row.getString("event_type"),
                row.getString("visibility"),
                row.getLong("occurred_at"),
                row.getString("payload"));
    }
}
