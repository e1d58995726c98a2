package dev.herald.api.message;

import dev.herald.api.channel.ChannelName;
import dev.herald.api.http.Fields;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.messagelog.LogChannel;
import dev.herald.messagelog.LogChannels;
import dev.herald.messagelog.Page;
import dev.herald.model.ChannelKey;
import dev.herald.model.Uid;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.Function;

/**
 * Which channel is to be read, and for whom.
 *
 * @param reader empty for the back end itself, which may read everything
 * @param channel as it is stored
 */
record Reading(Optional<String> reader, ChannelKey channel) {
    private static final String READER = "login_uid";

    /** {@code login_uid} where it may be left out: the back end reads for itself. */
    static Reading of(Fields fields) {
        boolean named = fields.has(READER) && !"".equals(fields.raw(READER));
        return of(fields, named ? Optional.of(fields.uid(READER)) : Optional.empty());
    }

    /** {@code login_uid} where it is required. */
    static Reading ofUser(Fields fields) {
        return of(fields, Optional.of(fields.uid(READER)));
    }

    private static Reading of(Fields fields, Optional<String> reader) {
        return new Reading(reader, ChannelName.stored(fields, reader, READER));
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

    /** What is read there; nothing if there is no such channel. */
    Future<Page> page(LogChannels channels, Function<LogChannel, Future<Page>> log) {
        return open(channels).compose(found -> found.map(log).orElseGet(() -> Future.succeededFuture(Page.EMPTY)));
    }

    private boolean isSide(String uid) {
        return uid.equals(Uid.SYSTEM) || channel.sides().contains(uid);
    }

    private static HeraldException refused() {
        return new HeraldException(Failure.FORBIDDEN, READER + ": is not a member of the channel");
    }
}
