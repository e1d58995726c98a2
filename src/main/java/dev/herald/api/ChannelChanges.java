package dev.herald.api;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.channel.Changed;
import dev.herald.channel.ChannelEdit;
import dev.herald.channel.Channels;
import dev.herald.model.ChannelKey;
import io.vertx.core.Future;
import java.util.Optional;

/** Changes a channel, then wakes the fan-out for the commands that went with the change. */
final class ChannelChanges {
    private final Channels channels;
    private final Bus bus;

    ChannelChanges(Channels channels, Bus bus) {
        this.channels = channels;
        this.bus = bus;
    }

    /** What a request asks to be changed. */
    record Wanted(ChannelKey key, ChannelEdit edit) {}

    /** The same answer whether or not there was anything to change, as WuKongIM gives it. */
    Future<Reply> makeOk(Wanted wanted) {
        return make(wanted).map(done -> Reply.ok());
    }

    /** Empty if there is no such channel and the edit makes none. */
    Future<Optional<Changed>> make(Wanted wanted) {
        return channels.change(wanted.key, wanted.edit).onSuccess(done -> {
            if (done.isPresent() && done.get().changed()) {
                bus.tell(Addresses.COMMANDS_PENDING, Done.DONE);
            }
        });
    }
}
