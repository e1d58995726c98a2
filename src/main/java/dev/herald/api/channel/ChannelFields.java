package dev.herald.api.channel;

import dev.herald.api.http.Fields;
import dev.herald.channel.Attributes;
import dev.herald.channel.ChannelFlags;
import dev.herald.channel.ChannelInfo;
import dev.herald.channel.MemberEdit;
import dev.herald.model.ChannelKey;
import dev.herald.model.Uid;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** What requests say of channels. */
public final class ChannelFields {
    static final int MAX_ID_BYTES = 255;

    /** Of a person channel that is named by both of its uids. */
    public static final int MAX_BOTH_BYTES = 2 * MAX_ID_BYTES + 1;

    private static final int MAX_TYPE = 255;
    private static final int MAX_SUBSCRIBERS = 100_000;

    /** WuKongIM builds ids of its own with these. */
    private static final Pattern RESERVED = Pattern.compile("[@#&]");

    private ChannelFields() {}

    /** {@code channel_id} and {@code channel_type}, both required. */
    public static ChannelKey key(Fields fields) {
        return key(fields, "channel_id", "channel_type");
    }

    /** The same under other names. */
    public static ChannelKey key(Fields fields, String idName, String typeName) {
        return key(fields, idName, (int) fields.number(typeName, 1, MAX_TYPE));
    }

    /** The same for flags, which a person channel has, too: it is named by both of its uids, one alone is that user. */
    static ChannelKey withFlags(Fields fields) {
        return withFlags(fields, "channel_id", "channel_type");
    }

    static ChannelKey withFlags(Fields fields, String idName, String typeName) {
        return isPerson(fields, typeName) && namesBoth(fields, idName)
                ? both(fields, idName)
                : key(fields, idName, typeName);
    }

    public static boolean isPerson(Fields fields, String typeName) {
        return fields.raw(typeName) instanceof Number type && type.longValue() == ChannelKey.PERSON;
    }

    public static boolean namesBoth(Fields fields, String idName) {
        return fields.raw(idName) instanceof String id && id.contains("@");
    }

    /** A person channel as it is stored, in whichever order its uids are named. */
    public static ChannelKey both(Fields fields, String name) {
        List<String> sides = new ChannelKey(String.valueOf(fields.raw(name)), ChannelKey.PERSON).sides();
        if (sides.stream().anyMatch(side -> !Uid.problem(side).isEmpty())) {
            fields.refuse(name, "must be a uid, or two with one @ between them");
            return new ChannelKey("", ChannelKey.PERSON);
        }
        return ChannelKey.conversation(sides.getFirst(), sides.getLast());
    }

    /** The same for what only channels with members can be asked. */
    static ChannelKey withMembers(Fields fields) {
        return refusePerson(fields, key(fields));
    }

    /** The same where an omitted type, or 0, means a group. */
    static ChannelKey groupUnlessTold(Fields fields) {
        int type = fields.integer("channel_type", 0, MAX_TYPE, 0);
        return refusePerson(fields, key(fields, "channel_id", type == 0 ? ChannelKey.GROUP : type));
    }

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

    /** The id of a channel whose type is known. */
    public static ChannelKey key(Fields fields, String name, int type) {
        if (type == ChannelKey.PERSON) {
            return new ChannelKey(fields.uid(name), type);
        }
        String id = fields.requiredText(name, MAX_ID_BYTES);
        if (id.endsWith(ChannelKey.COMMAND_SUFFIX)) {
            fields.refuse(name, "must not end with " + ChannelKey.COMMAND_SUFFIX);
        } else if (type != ChannelKey.AGENT && RESERVED.matcher(id).find()) {
            fields.refuse(name, "must not contain '@', '#' or '&'");
        }
        return new ChannelKey(id, type);
    }

    private static ChannelKey refusePerson(Fields fields, ChannelKey key) {
        if (key.isPerson() && fields.has("channel_type")) {
            fields.refuse("channel_type", "must not be 1 (person)");
        }
        return key;
    }
}
