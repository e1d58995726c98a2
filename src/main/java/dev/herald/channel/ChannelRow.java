package dev.herald.channel;

import dev.herald.model.ChannelKey;
import dev.herald.postgres.Rows;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.Optional;

/** A channel as its table holds it. */
final class ChannelRow {
    static final String SELECT = """
            select c.pk, c.channel_id, c.channel_type, %s, c.attributes, c.commands, c.revision
            from channel c where c.channel_id = $1 and c.channel_type = $2""".formatted(ChannelFlags.COLUMNS);

    private ChannelRow() {}

    static Optional<Channel> first(RowSet<Row> rows) {
        return Rows.first(rows, ChannelRow::read);
    }

    static Channel read(Row row) {
        return new Channel(
                row.getLong("pk"),
                new ChannelKey(row.getString("channel_id"), row.getInteger("channel_type")),
                new ChannelInfo(ChannelFlags.of(row), row.getJsonObject("attributes"), row.getBoolean("commands")),
                row.getLong("revision"));
    }
}
