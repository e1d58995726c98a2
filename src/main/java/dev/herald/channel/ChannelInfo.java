package dev.herald.channel;

import io.vertx.core.json.JsonObject;

/**
 * What a channel is, apart from its members.
 *
 * @param attributes free-form, Herald only keeps them; never changed in place
 * @param commands true if changes are told by commands
 */
public record ChannelInfo(ChannelFlags flags, JsonObject attributes, boolean commands) {
    public static final ChannelInfo NEW = new ChannelInfo(ChannelFlags.NONE, JsonObject.of(), true);

    public ChannelInfo with(ChannelFlags newFlags) {
        return new ChannelInfo(newFlags, attributes, commands);
    }

    public ChannelInfo with(JsonObject newAttributes) {
        return new ChannelInfo(flags, newAttributes, commands);
    }

    public ChannelInfo withCommands(boolean newCommands) {
        return new ChannelInfo(flags, attributes, newCommands);
    }
}
