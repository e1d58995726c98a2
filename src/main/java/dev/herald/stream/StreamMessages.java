package dev.herald.stream;

import dev.herald.failure.HeraldException;
import dev.herald.model.ChannelKey;
import dev.herald.postgres.PgClients;
import dev.herald.postgres.Rows;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;

/** Finds the messages that events are added to, by the number that their sender gave them. */
public final class StreamMessages {
    /** Those of the number are few; in the order of anything else the database would walk through all. */
    private static final String MESSAGE = """
            with numbered as materialized (
                select m.id, m.channel, m.seq, m.from_uid, c.channel_id, c.channel_type
                from channel c join message m on m.channel = c.pk
                where m.client_msg_no = $1 and c.channel_type = $2
                    and (m.expires_at is null or m.expires_at > now()) and %s)
            select * from numbered order by %s limit 1""";

    /** The sender's own first, should several share the number. */
    private static final String FIND = MESSAGE.formatted("c.channel_id = $3::text", "(from_uid = $4::text) desc, seq");

    private static final String FIND_STREAM =
            MESSAGE.formatted("(m.setting & 2) <> 0 and $3::text = any(string_to_array(c.channel_id, '@'))", "id desc");

    private final PgClients pg;

    public StreamMessages(PgClients pg) {
        this.pg = pg;
    }

    /** @param sender whose message it is, should several have that number */
    public Future<Optional<StreamMessage>> find(ChannelKey stored, String clientMsgNo, String sender) {
        return first(FIND, Tuple.of(clientMsgNo, stored.type(), stored.id(), sender));
    }

    /** The newest message of that number which comes in parts, in a channel of this type that names the user. */
    public Future<Optional<StreamMessage>> find(int channelType, String side, String clientMsgNo) {
        return first(FIND_STREAM, Tuple.of(clientMsgNo, channelType, side));
    }

    public static HeraldException unknown() {
        return HeraldException.invalid("client_msg_no", "no such message in the channel");
    }

    private Future<Optional<StreamMessage>> first(String query, Tuple arguments) {
        return pg.statements()
                .preparedQuery(query)
                .execute(arguments)
                .map(rows -> Rows.first(rows, StreamMessages::of));
    }

    private static StreamMessage of(Row row) {
        return new StreamMessage(
                row.getLong("id"),
                row.getLong("channel"),
                row.getLong("seq"),
                new ChannelKey(row.getString("channel_id"), row.getInteger("channel_type")),
                row.getString("from_uid"));
    }
}
