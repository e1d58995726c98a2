package dev.herald.command;

import dev.herald.model.ChannelKey;
import dev.herald.model.Command;
import dev.herald.model.Payload;
import io.vertx.sqlclient.Row;

/** Commands as they stand in the table {@code cmd}. */
public final class CommandRows {
    /** What {@link #command} needs of a row {@code c}. */
    public static final String COLUMNS = """
            c.id, c.channel_id, c.channel_type, c.from_uid, c.client_msg_no,
            floor(extract(epoch from c.created_at))::bigint as created, c.payload, c.expire""";

    private CommandRows() {}

    public static Command command(Row row) {
        return new Command(
                row.getLong("id"),
                new ChannelKey(row.getString("channel_id"), row.getShort("channel_type")),
                row.getString("from_uid"),
                CommandNumber.shown(row.getString("client_msg_no")),
                row.getLong("created"),
                Payload.of(row.getBuffer("payload").getBytes()),
                row.getLong("expire"));
    }
}
