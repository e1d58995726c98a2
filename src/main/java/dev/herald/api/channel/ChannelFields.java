package dev.herald.api.channel;

import dev.herald.api.http.Fields;
import dev.herald.channel.Attributes;
import dev.herald.channel.ChannelFlags;
import dev.herald.channel.ChannelInfo;
import dev.herald.channel.MemberEdit;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** What requests say of channels, besides which one is meant. */
public final class ChannelFields {
    private static final int MAX_SUBSCRIBERS = 100_000;

    private ChannelFields() {}

    static ChannelFlags flags(Fields fields) {
        return flagPatch(fields).apply(ChannelFlags.NONE);
    }

    /** Only the flags that are given. */
    static UnaryOperator<ChannelFlags> flagPatch(Fields fields) {
        Optional<Boolean> ban = fields.flagIfGiven("ban");
        Optional<Boolean> disband = fields.flagIfGiven("disband");
        Optional<Boolean> sendBan = fields.flagIfGiven("send_ban");
        Optional<Boolean> allowStranger = fields.flagIfGiven("allow_stranger");
        Optional<Boolean> large = fields.flagIfGiven("large");
        return old -> new ChannelFlags(
                ban.orElse(old.ban()),
                disband.orElse(old.disband()),
                sendBan.orElse(old.sendBan()),
                allowStranger.orElse(old.allowStranger()),
                large.orElse(old.large()));
    }

    /** Whether changes are told by commands; as it was if that is not said. */
    static UnaryOperator<ChannelInfo> commands(Fields fields) {
        Optional<Boolean> commands = fields.flagIfGiven("commands");
        return info -> commands.map(info::withCommands).orElse(info);
    }

    /** What replaces the attributes; empty if they stay as they are. */
    static Optional<JsonObject> attributes(Fields fields) {
        return fields.objectIfGiven("attributes").map(Attributes::checked);
    }

    public static Set<String> subscribers(Fields fields) {
        return fields.uids("subscribers", MAX_SUBSCRIBERS);
    }

    static List<String> requiredSubscribers(Fields fields, String name) {
        return List.copyOf(fields.requiredUids(name, MAX_SUBSCRIBERS));
    }

    /** {@code reset} makes those who join the only members. */
    static MemberEdit joining(Fields fields, List<String> uids) {
        if (fields.flag("reset")) {
            return new MemberEdit.Replace(uids);
        }
        return uids.isEmpty() ? MemberEdit.KEEP : new MemberEdit.Add(uids);
    }
}
