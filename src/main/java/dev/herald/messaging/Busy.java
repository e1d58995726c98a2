package dev.herald.messaging;

import dev.herald.model.ChannelKey;
import java.util.Set;

/** Nothing was stored, since these channels are so large that their rosters are still being read. */
final class Busy extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Set<ChannelKey> channels;

    Busy(Set<ChannelKey> channels) {
        super("the members are being read", null, false, false);
        this.channels = channels;
    }

    Set<ChannelKey> channels() {
        return channels;
    }
}
