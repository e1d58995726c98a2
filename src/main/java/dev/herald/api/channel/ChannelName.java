package dev.herald.api.channel;

import dev.herald.api.http.Fields;
import dev.herald.model.ChannelKey;
import dev.herald.model.Uid;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** How requests name a channel. */
public final class ChannelName {
    static final int MAX_ID_BYTES = 255;
    private static final int MAX_TYPE = 255;

    /** Of a person channel that is named by both of its uids. */
    private static final int MAX_BOTH_BYTES = 2 * MAX_ID_BYTES + 1;

    /** WuKongIM builds ids of its own with these. */
    private static final Pattern RESERVED = Pattern.compile("[@#&]");

    private static final String ID = "channel_id";
    private static final String TYPE = "channel_type";

    private ChannelName() {}

    /** {@code channel_id} and {@code channel_type}, both required. */
    public static ChannelKey key(Fields fields) {
        return key(fields, ID, TYPE);
    }

    /**
     * The same as it is stored. A person channel is named by its other side or, as WuKongIM stores it, by both, in either
     * order (wukong-interfaces section 9.5).
     *
     * @param reader who names it so; empty for the back end itself
     * @param readerName of the field that would name the reader
     */
    public static ChannelKey stored(Fields fields, Optional<String> reader, String readerName) {
        if (!isPerson(fields, TYPE)) {
            ChannelKey key = key(fields);
            return reader.map(key::storedFor).orElse(key);
        }
        if (namesBoth(fields, ID)) {
            return both(fields, ID);
        }
        String peer = fields.uid(ID);
        if (reader.isEmpty()) {
            fields.refuse(readerName, "is required, or both uids in channel_id: uid@uid");
        }
        return ChannelKey.conversation(reader.orElse(""), peer);
    }

    /** {@code channel_id} as the request spells it, which has been read as a channel already. */
    public static String spelled(Fields fields) {
        return fields.text(ID, MAX_BOTH_BYTES);
    }

    /** For flags, which a person channel has, too: it is named by both of its uids, one alone is that user. */
    static ChannelKey withFlags(Fields fields) {
        return withFlags(fields, ID, TYPE);
    }

    /** The same under other names. */
    static ChannelKey withFlags(Fields fields, String idName, String typeName) {
        return isPerson(fields, typeName) && namesBoth(fields, idName)
                ? both(fields, idName)
                : key(fields, idName, typeName);
    }

    /** For what only channels with members can be asked. */
    static ChannelKey withMembers(Fields fields) {
        return refusePerson(fields, key(fields));
    }

    /** The same where an omitted type, or 0, means a group. */
    static ChannelKey groupUnlessTold(Fields fields) {
        int type = fields.integer(TYPE, 0, MAX_TYPE, 0);
        return refusePerson(fields, ofType(fields, type == 0 ? ChannelKey.GROUP : type));
    }

    /** {@code channel_id} of a channel whose type is known. */
    static ChannelKey ofType(Fields fields, int type) {
        return key(fields, ID, type);
    }

    private static ChannelKey key(Fields fields, String idName, String typeName) {
        return key(fields, idName, (int) fields.number(typeName, 1, MAX_TYPE));
    }

    private static ChannelKey key(Fields fields, String name, int type) {
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

    private static boolean isPerson(Fields fields, String typeName) {
        return fields.raw(typeName) instanceof Number type && type.longValue() == ChannelKey.PERSON;
    }

    private static boolean namesBoth(Fields fields, String idName) {
        return fields.raw(idName) instanceof String id && id.contains("@");
    }

    /** A person channel as it is stored, in whichever order its uids are named. */
    private static ChannelKey both(Fields fields, String name) {
        List<String> sides = new ChannelKey(String.valueOf(fields.raw(name)), ChannelKey.PERSON).sides();
        if (sides.stream().anyMatch(side -> !Uid.problem(side).isEmpty())) {
            fields.refuse(name, "must be a uid, or two with one @ between them");
            return new ChannelKey("", ChannelKey.PERSON);
        }
        return ChannelKey.conversation(sides.getFirst(), sides.getLast());
    }

    private static ChannelKey refusePerson(Fields fields, ChannelKey key) {
        if (key.isPerson() && fields.has(TYPE)) {
            fields.refuse(TYPE, "must not be 1 (person)");
        }
        return key;
    }
}
