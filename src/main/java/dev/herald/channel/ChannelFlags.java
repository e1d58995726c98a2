package dev.herald.channel;

import io.vertx.sqlclient.Row;

/** The five flags of a channel; what each of them stops stands in wukong-interfaces section 4.4. */
public record ChannelFlags(boolean ban, boolean disband, boolean sendBan, boolean allowStranger, boolean large) {
    public static final ChannelFlags NONE = new ChannelFlags(false, false, false, false, false);

    /** The columns of a row {@code c} of the table {@code channel} that {@link #of} needs. */
    public static final String COLUMNS = "c.ban, c.disband, c.send_ban, c.allow_stranger, c.large";

    public static ChannelFlags of(Row row) {
        return new ChannelFlags(
                row.getBoolean("ban"),
                row.getBoolean("disband"),
                row.getBoolean("send_ban"),
                row.getBoolean("allow_stranger"),
                row.getBoolean("large"));
    }

    public ChannelFlags disbanded() {
        return new ChannelFlags(ban, true, sendBan, allowStranger, large);
    }
}
