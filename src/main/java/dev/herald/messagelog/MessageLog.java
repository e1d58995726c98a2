package dev.herald.messagelog;

import dev.herald.model.Delivery;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads messages; whatever the length of a history, a question costs what its answer holds. */
public final class MessageLog {
    /** Payloads of one answer; what is over it is left for the next page. */
    public static final long MAX_BYTES = 16 << 20;

    /** Leaves what is too much in the database; how much was found is told by those that are given, so one always is. */
    private static final String GIVEN = """
            select * from (select sized.*, count(*) over () as found from (%%s) sized) counted
            where nth = 1 or bytes <= %d order by nth""".formatted(MAX_BYTES);

    /** One more than asked for tells whether there are more. */
    private static final String WINDOW = GIVEN.formatted("""
            select m.*, row_number() over w as nth, sum(octet_length(m.payload)) over w as bytes
            from (
                select %1$s, m.payload from message m
                where m.channel = $1 and m.seq between $2 and $3 and %2$s
                order by m.seq %3$s limit $4::bigint + 1) m
            window w as (order by m.seq %3$s)""");

    private static final String OLDEST = WINDOW.formatted(MessageRow.COLUMNS, MessageRow.VISIBLE, "asc");
    private static final String NEWEST = WINDOW.formatted(MessageRow.COLUMNS, MessageRow.VISIBLE, "desc");

    /** In the order they are asked for, each once: by sequence, by id, by number (the newest, should senders share one). */
    private static final String PICK = GIVEN.formatted("""
            select %1$s, m.payload, row_number() over w as nth, sum(octet_length(m.payload)) over w as bytes
            from (
                select seq, min(nth) as place from (
                    select seq, nth from unnest($2::bigint[]) with ordinality k(seq, nth)
                    union all
                    select m.seq, 1000000 + nth from unnest($3::bigint[]) with ordinality k(id, nth)
                    join message m on m.channel = $1 and m.id = k.id
                    union all
                    select newest.seq, 2000000 + nth from unnest($4::text[]) with ordinality k(no, nth)
                    cross join lateral (
                        select max(m.seq) as seq from message m where m.channel = $1 and m.client_msg_no = k.no) newest
                ) named where seq is not null group by seq) picked
            join message m on m.channel = $1 and m.seq = picked.seq
            where %2$s window w as (order by picked.place)""".formatted(MessageRow.COLUMNS, MessageRow.VISIBLE));

    private static final String OLDEST_WITH_NUMBER = """
            select %s, m.payload, 1::bigint as found from message m
            where m.channel = $1 and m.client_msg_no = $2 and %s
            order by m.seq limit 1""".formatted(MessageRow.COLUMNS, MessageRow.VISIBLE);

    private final PgClients pg;

    public MessageLog(PgClients pg) {
        this.pg = pg;
    }

    /** In the order of the sequence. */
    public Future<Page> read(LogChannel channel, Window window) {
        return pg.statements()
                .preparedQuery(window.newest() ? NEWEST : OLDEST)
                .execute(Tuple.of(channel.pk(), window.first(), window.last(), window.limit()))
                .map(rows -> {
                    Page page = page(rows, channel, window.limit());
                    return window.newest() ? new Page(page.messages().reversed(), page.more()) : page;
                });
    }

    /** Those that are there and not over, in the order they are named. */
    public Future<Page> pick(LogChannel channel, Named named) {
        Tuple arguments = Tuple.of(channel.pk())
                .addArrayOfLong(named.seqs().toArray(Long[]::new))
                .addArrayOfLong(named.ids().toArray(Long[]::new))
                .addArrayOfString(named.clientMsgNos().toArray(String[]::new));
        return pg.statements()
                .preparedQuery(PICK)
                .execute(arguments)
                .map(rows -> page(rows, channel, Integer.MAX_VALUE));
    }

    /** The oldest, should senders share the number. */
    public Future<Optional<Delivery>> oldestWithNumber(LogChannel channel, String clientMsgNo) {
        return pg.statements()
                .preparedQuery(OLDEST_WITH_NUMBER)
                .execute(Tuple.of(channel.pk(), clientMsgNo))
                .map(rows -> page(rows, channel, 1).messages().stream().findFirst());
    }

    /** What the caller did not ask for, and what the database left out, is more. */
    private static Page page(RowSet<Row> rows, LogChannel channel, int limit) {
        List<Delivery> messages = new ArrayList<>(rows.size());
        long found = 0;
        for (Row row : rows) {
            found = row.getLong("found");
            if (messages.size() < limit) {
                messages.add(MessageRow.read(row, channel.key()));
            }
        }
        return new Page(messages, found > messages.size());
    }
}
