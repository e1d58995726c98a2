package dev.herald.messagelog;

import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/** The messages of all channels by their ids, for whoever was not told of them. */
public final class NewMessages {
    private static final int PAGE = 500;

    private static final String MARK = """
            select last_value, pg_snapshot_xmin(s)::text::bigint as oldest, pg_snapshot_xmax(s)::text::bigint as next
            from message_id, pg_current_snapshot() s""";

    private static final String BETWEEN =
            MessageLog.GIVEN.formatted("""
            select m.*, row_number() over w as nth, sum(octet_length(m.payload)) over w as bytes
            from (
                select m.channel, c.channel_id, c.channel_type, c.revision, %s, m.payload
                from message m join channel c on c.pk = m.channel
                where m.id > $1 and m.id <= $2 and %s order by m.id limit %d) m
            window w as (order by m.id)""".formatted(MessageRow.COLUMNS, MessageRow.VISIBLE, PAGE));

    private final PgClients pg;

    public NewMessages(PgClients pg) {
        this.pg = pg;
    }

    /**
     * How far ids had come at one moment. An id is taken before its message is committed, so those up to it can be read
     * once no transaction of that moment is running any more (decision 003).
     *
     * @param oldest number of the oldest transaction that was running
     * @param next number of the next one to begin
     */
    public record Mark(long lastId, long oldest, long next) {
        public boolean isSettledBy(Mark later) {
            return next <= later.oldest;
        }
    }

    /**
     * One message and its channel.
     *
     * @param revision of the channel by now
     */
    public record New(long channelPk, ChannelKey channel, long revision, Delivery delivery) {}

    /** @param last id up to which this page has everything */
    public record Ids(List<New> messages, long last) {}

    public Future<Mark> mark() {
        return pg.statements()
                .query(MARK)
                .execute()
                .map(rows -> rows.iterator().next())
                .map(row -> new Mark(row.getLong("last_value"), row.getLong("oldest"), row.getLong("next")));
    }

    /** In the order of their ids, the first page of those behind one and up to another. */
    public Future<Ids> between(long after, long upTo) {
        return pg.statements()
                .preparedQuery(BETWEEN)
                .execute(Tuple.of(after, upTo))
                .map(rows -> {
                    List<New> messages = new ArrayList<>(rows.size());
                    long found = 0;
                    for (Row row : rows) {
                        found = row.getLong("found");
                        messages.add(read(row));
                    }
                    boolean isCut = found == PAGE || found > messages.size();
                    return new Ids(
                            messages, isCut ? messages.getLast().delivery().messageId() : upTo);
                });
    }

    private static New read(Row row) {
        ChannelKey channel = new ChannelKey(row.getString("channel_id"), row.getShort("channel_type"));
        return new New(row.getLong("channel"), channel, row.getLong("revision"), MessageRow.read(row, channel));
    }
}
