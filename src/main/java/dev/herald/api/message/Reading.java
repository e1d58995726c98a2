package dev.herald.api.message;

import dev.herald.api.channel.ChannelFields;
import dev.herald.api.http.Fields;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.messagelog.LogChannel;
import dev.herald.messagelog.LogChannels;
import dev.herald.model.ChannelKey;
import dev.herald.model.Uid;
import io.vertx.core.Future;
import java.util.Optional;

/**
 * Which channel is to be read, and for whom. A person channel is named by its other side or, as WuKongIM stores it, by
 * both, in either order (wukong-interfaces section 9.5).
 *
 * @param reader empty for the back end itself, which may read everything
 * @param channel as it is stored
 */
public record Reading(Optional<String> reader, ChannelKey channel) {
    /** {@code login_uid} where it may be left out: the back end reads for itself. */
    static Reading of(Fields fields) {
        boolean named = fields.has("login_uid") && !"".equals(fields.raw("login_uid"));
        Optional<String> reader = named ? Optional.of(fields.uid("login_uid")) : Optional.empty();
        return new Reading(reader, channel(fields, reader, "login_uid"));
    }

    /** {@code login_uid} where it is required. */
    static Reading ofUser(Fields fields) {
        Optional<String> reader = Optional.of(fields.uid("login_uid"));
        return new Reading(reader, channel(fields, reader, "login_uid"));
    }

    /** {@code channel_id} and {@code channel_type} as one who is named elsewhere would say them. */
    public static ChannelKey channel(Fields fields, Optional<String> reader, String readerName) {
        if (!ChannelFields.isPerson(fields, "channel_type")) {
            ChannelKey key = ChannelFields.key(fields);
            return reader.map(key::storedFor).orElse(key);
        }
        if (ChannelFields.namesBoth(fields, "channel_id")) {
            return ChannelFields.both(fields, "channel_id");
        }
        String peer = fields.uid("channel_id");
        if (reader.isEmpty()) {
            fields.refuse(readerName, "is required, or both uids in channel_id: uid@uid");
        }
        return ChannelKey.conversation(reader.orElse(""), peer);
    }

    /** {@code channel_id} as the request spells it, which has been read as a channel already. */
    public static String spelled(Fields fields) {
        return fields.text("channel_id", ChannelFields.MAX_BOTH_BYTES);
    }

    /** Empty if there is no such channel. */
    Future<Optional<LogChannel>> open(LogChannels channels) {
        if (reader.isPresent() && channel.isPerson() && !isSide(reader.get())) {
            throw refused();
        }
        return channels.find(channel, reader).map(found -> {
            if (found.isPresent() && !found.get().mayRead()) {
                throw refused();
            }
            return found;
        });
    }

    private boolean isSide(String uid) {
        return uid.equals(Uid.SYSTEM) || channel.sides().contains(uid);
    }

    private static HeraldException refused() {
        return new HeraldException(Failure.FORBIDDEN, "login_uid: is not a member of the channel");
    }
}
