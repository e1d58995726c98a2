package dev.herald.messagelog;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.model.Delivery;
import dev.herald.postgres.Columns;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A few messages each of many channels, in one question. */
public final class Recents {
    /** Bytes that a message counts beside its payload: as JSON it has several times as much, whatever it says. */
    private static final int WEIGHT = 1 << 10;

    /** Of so many channels that not all can be given: at least so many of each are looked at, the earlier channels go first. */
    private static final int LOOKED_AT = 100;

    private static final String READ = """
            select nth, seq, id, from_uid, client_msg_no, flags, setting, expire, topic, seconds, bytes,
                case when bytes <= %1$d then payload end as payload
            from (
                select *, case when $4 then firsts else firsts + coalesce(sum(size) filter (where place > 1) over (), 0) end as bytes,
                    firsts + coalesce(sum(size) filter (where place > 1) over (order by nth, place), 0) as so_far
                from (
                    select k.nth, %2$s, m.payload, m.place, octet_length(m.payload) + %5$d as size,
                        sum(octet_length(m.payload) + %5$d) filter (where m.place = 1) over () as firsts
                    from unnest($1::bigint[], $2::bigint[]) with ordinality k(channel, first, nth)
                    cross join lateral (
                        select *, row_number() over (order by m.seq %4$s) as place
                        from message m where m.channel = k.channel and m.seq >= k.first and %3$s
                        order by m.seq %4$s limit $3) m) sized) summed
            where not $4 or place = 1 or so_far <= %1$d
            order by nth, place""";

    private static final long MOST = MessageLog.MAX_BYTES / WEIGHT;

    private static final String NEWEST =
            READ.formatted(MessageLog.MAX_BYTES, MessageRow.COLUMNS, MessageRow.VISIBLE, "desc", WEIGHT);
    private static final String OLDEST =
            READ.formatted(MessageLog.MAX_BYTES, MessageRow.COLUMNS, MessageRow.VISIBLE, "asc", WEIGHT);

    private final PgClients pg;

    public Recents(PgClients pg) {
        this.pg = pg;
    }

    /**
     * A part of a channel.
     *
     * @param first its first sequence
     */
    public record Part(LogChannel channel, long first) {}

    /**
     * Of each part, in the order of the parts, up to {@code count} messages: the newest first, or the oldest first.
     *
     * @throws HeraldException (TOO_LARGE) if the payloads are too much for one answer
     */
    public Future<List<List<Delivery>>> read(List<Part> parts, int count, boolean newest) {
        return read(parts, count, newest, false);
    }

    /**
     * The newest of each part; if they are too much for one answer, fewer of the later parts, but one of each.
     *
     * @throws HeraldException (TOO_LARGE) if the payloads of one each are too much
     */
    public Future<List<List<Delivery>>> newestThatFit(List<Part> parts, int count) {
        return read(parts, count, true, true);
    }

    private Future<List<List<Delivery>>> read(List<Part> parts, int count, boolean newest, boolean shortened) {
        List<List<Delivery>> recents = Stream.generate(() -> (List<Delivery>) new ArrayList<Delivery>())
                .limit(parts.size())
                .toList();
        if (parts.isEmpty()) {
            return Future.succeededFuture(recents);
        }
        Tuple arguments = Columns.of(parts)
                .longs(part -> part.channel().pk())
                .longs(Part::first)
                .tuple()
                .addLong(shortened ? Math.min(count, Math.max(LOOKED_AT, MOST / parts.size())) : count)
                .addBoolean(shortened);
        return pg.statements()
                .preparedQuery(newest ? NEWEST : OLDEST)
                .execute(arguments)
                .map(rows -> {
                    for (Row row : rows) {
                        if (row.getLong("bytes") > MessageLog.MAX_BYTES) {
                            throw new HeraldException(
                                    Failure.TOO_LARGE,
                                    "msg_count: the messages have over " + MessageLog.MAX_BYTES
                                            + " bytes, ask for fewer or for fewer channels");
                        }
                        int part = row.getInteger("nth") - 1;
                        recents.get(part)
                                .add(MessageRow.read(
                                        row, parts.get(part).channel().key()));
                    }
                    return recents;
                });
    }
}
