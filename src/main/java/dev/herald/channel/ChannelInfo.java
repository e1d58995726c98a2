package dev.herald.channel;

import io.vertx.core.json.JsonObject;

/**
 * What a channel is, apart from its members.
 *
 * @param attributes free-form, Herald only keeps them; never changed in place
 */
public record ChannelInfo(ChannelFlags flags, JsonObject attributes) {
    public static final ChannelInfo NEW = new ChannelInfo(ChannelFlags.NONE, JsonObject.of());

    public ChannelInfo with(ChannelFlags newFlags) {
        return new ChannelInfo(newFlags, attributes);
    }

    public ChannelInfo with(JsonObject newAttributes) {
        return new ChannelInfo(flags, newAttributes);
    }
}
