package dev.herald.it;

import dev.herald.channel.Changed;
import dev.herald.channel.ChannelEdit;
import dev.herald.channel.Channels;
import dev.herald.model.ChannelKey;
import io.vertx.core.Future;
import java.util.Optional;

/** Changes of channels with nothing else in their transaction. */
public final class ChannelEdits {
    private ChannelEdits() {}

    public static Future<Optional<Changed>> make(Channels channels, ChannelKey key, ChannelEdit edit) {
        return channels.change(key, edit, (tx, done) -> Future.succeededFuture(done));
    }
}
