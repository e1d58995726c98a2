package dev.herald.channel;

import dev.herald.command.Audience;
import dev.herald.command.NewCommand;
import dev.herald.model.ChannelKey;
import dev.herald.model.ClientMsgNo;
import dev.herald.model.Uid;
import dev.herald.wukong.CommandContent;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * The commands that tell clients of a change, in the names and parameters that TangSengDaoDao's clients know
 * (wukong-interfaces section 5.8), with the revision to compare by.
 */
final class ChangeCommands {
    private ChangeCommands() {}

    /** Flags, attributes or lists changed. */
    static NewCommand channelUpdate(Channel channel, long revision) {
        return command(channel, revision, "channelUpdate", JsonObject.of());
    }

    /** Members came or went; those who went are told, too. */
    static NewCommand memberUpdate(Channel channel, long revision) {
        return command(
                channel,
                revision,
                "memberUpdate",
                JsonObject.of("group_no", channel.key().id()));
    }

    private static NewCommand command(Channel channel, long revision, String name, JsonObject param) {
        ChannelKey key = channel.key();
        param.put("channel_id", key.id()).put("channel_type", key.type()).put("revision", revision);
        Audience audience = key.isPerson()
                ? new Audience.Users(key.sides().isEmpty() ? List.of(key.id()) : key.insiders())
                : new Audience.Members(channel.pk(), revision, true);
        return new NewCommand(
                key,
                Uid.SYSTEM,
                ClientMsgNo.random(),
                CommandContent.of(name, param),
                audience,
                name + ":" + key.type() + ":" + key.id(),
                0);
    }
}
