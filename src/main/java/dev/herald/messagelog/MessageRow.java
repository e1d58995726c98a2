package dev.herald.messagelog;

import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import dev.herald.model.Payload;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import java.util.List;

/** A message as its table holds it. */
public final class MessageRow {
    /** Of a table or subquery that is called {@code m}, but for the payload. */
    public static final String COLUMNS = """
            m.seq, m.id, m.from_uid, m.client_msg_no, m.flags, m.setting, m.expire, m.topic,
            floor(extract(epoch from m.created_at))::bigint as seconds""";

    /** What its sender gave an end is not shown after it, even before the sweep has removed it. */
    static final String VISIBLE = "(m.expires_at is null or m.expires_at > now())";

    private MessageRow() {}

    /** @param stored the key that the message is stored under */
    static Delivery read(Row row, ChannelKey stored) {
        return shownIn(addressed(stored, row.getString("from_uid")), row);
    }

    /** @param channel as whoever reads it is to see it */
    public static Delivery shownIn(ChannelKey channel, Row row) {
        return new Delivery(
                row.getLong("id"),
                row.getLong("seq"),
                row.getString("from_uid"),
                channel,
                row.getString("client_msg_no"),
                Delivery.Header.ofBits(row.getInteger("flags")),
                row.getInteger("setting"),
                row.getLong("expire"),
                row.getString("topic"),
                row.getLong("seconds"),
                Payload.of(row.get(Buffer.class, "payload").getBytes()));
    }

    /** A person message is in the channel of the side that did not send it; one to oneself stays where it is stored. */
    private static ChannelKey addressed(ChannelKey stored, String fromUid) {
        List<String> sides = stored.isPerson() ? stored.sides() : List.of();
        return sides.stream()
                .filter(side -> !side.equals(fromUid))
                .findFirst()
                .map(peer -> new ChannelKey(peer, ChannelKey.PERSON))
                .orElse(stored);
    }
}
