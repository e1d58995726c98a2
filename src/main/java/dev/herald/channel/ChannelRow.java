package dev.herald.channel;

import dev.herald.model.ChannelKey;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.Optional;

/** A channel as its table holds it. */
final class ChannelRow {
    static final String SELECT = """
            select pk, channel_id, channel_type, ban, disband, send_ban, allow_stranger, large, attributes, commands, revision
            from channel where channel_id = $1 and channel_type = $2""";

    private ChannelRow() {}

    static Optional<Channel> first(RowSet<Row> rows) {
        var row = rows.iterator();
        return row.hasNext() ? Optional.of(read(row.next())) : Optional.empty();
    }

    static Channel read(Row row) {
        ChannelFlags flags = new ChannelFlags(
                row.getBoolean("ban"),
                row.getBoolean("disband"),
                row.getBoolean("send_ban"),
                row.getBoolean("allow_stranger"),
                row.getBoolean("large"));
        return new Channel(
                row.getLong("pk"),
                new ChannelKey(row.getString("channel_id"), row.getInteger("channel_type")),
                new ChannelInfo(flags, row.getJsonObject("attributes"), row.getBoolean("commands")),
                row.getLong("revision"));
    }
}
