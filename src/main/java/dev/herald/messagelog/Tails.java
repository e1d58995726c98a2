package dev.herald.messagelog;

import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import dev.herald.postgres.Columns;
import dev.herald.postgres.PgClients;
import dev.herald.postgres.Rows;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The newest messages of those channels that were written to of late, for who may not have been told of them. */
public final class Tails {
    private static final String MARK = "select case when is_called then last_value else 0 end from message_id";

    /** What was stored just now may still be told; what is over hides nothing that came before it. */
    private static final String SINCE = """
            select m.channel, max(m.seq) as seq from message m
            where m.id > $1 and m.created_at not between now() - interval '3 seconds' and clock_timestamp() and %s
            group by m.channel""".formatted(MessageRow.VISIBLE);

    private static final String READ = """
            select m.channel, c.revision, c.channel_id, c.channel_type, %s, m.payload
            from unnest($1::bigint[], $2::bigint[]) as k(channel, seq)
            join message m on m.channel = k.channel and m.seq = k.seq
            join channel c on c.pk = k.channel
            where %s order by m.id""".formatted(MessageRow.COLUMNS, MessageRow.VISIBLE);

    private final PgClients pg;

    public Tails(PgClients pg) {
        this.pg = pg;
    }

    /** @param channel its primary key */
    public record Tail(long channel, long revision, ChannelKey stored, Delivery message) {}

    /** A moment, which {@link #since} understands. */
    public Future<Long> mark() {
        return pg.statements().query(MARK).execute().map(rows -> rows.iterator()
                .next()
                .getLong(0));
    }

    /** Sequences by channel, but for the last seconds. */
    public Future<Map<Long, Long>> since(long mark) {
        return pg.statements().preparedQuery(SINCE).execute(Tuple.of(mark)).map(rows -> {
            Map<Long, Long> seqs = new HashMap<>();
            rows.forEach(row -> seqs.put(row.getLong("channel"), row.getLong("seq")));
            return seqs;
        });
    }

    /** Those of these that are there and not over, the oldest first. */
    public Future<List<Tail>> read(Map<Long, Long> seqs) {
        Tuple places = Columns.of(seqs.entrySet())
                .longs(Map.Entry::getKey)
                .longs(Map.Entry::getValue)
                .tuple();
        return pg.statements().preparedQuery(READ).execute(places).map(rows -> Rows.list(rows, Tails::tail));
    }

    private static Tail tail(Row row) {
        ChannelKey stored = new ChannelKey(row.getString("channel_id"), row.getInteger("channel_type"));
        return new Tail(row.getLong("channel"), row.getLong("revision"), stored, MessageRow.read(row, stored));
    }
}
