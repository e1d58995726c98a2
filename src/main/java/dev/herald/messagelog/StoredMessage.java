package dev.herald.messagelog;

import dev.herald.model.ChannelKey;
import dev.herald.postgres.Rows;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.Optional;

/**
 * Where and when a message was stored, for whoever knows no more than its id.
 *
 * @param channelPk primary key of its channel
 * @param txid transaction that stored it, and its events
 */
public record StoredMessage(
        long id, ChannelKey channel, long channelPk, long seq, String clientMsgNo, Instant at, long txid) {
    /** A row keeps the lower half of its transaction's number; the upper half is that of today, or the one before. */
    private static final String FIND = """
            select m.id, m.channel, m.seq, m.client_msg_no, m.created_at, c.channel_id, c.channel_type,
                t.now - ((t.now - m.xmin::text::bigint) & 4294967295) as txid
            from (select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as now) t, message m
            join channel c on c.pk = m.channel where m.id = $1""";

    public static Future<Optional<StoredMessage>> find(SqlClient pg, long id) {
        return pg.preparedQuery(FIND)
                .execute(Tuple.of(id))
                .map(rows -> Rows.first(
                        rows,
                        row -> new StoredMessage(
                                row.getLong("id"),
                                new ChannelKey(row.getString("channel_id"), row.getShort("channel_type")),
                                row.getLong("channel"),
                                row.getLong("seq"),
                                row.getString("client_msg_no"),
                                row.getOffsetDateTime("created_at").toInstant(),
                                row.getLong("txid"))));
    }
}
