package dev.herald.messaging.judge;

import dev.herald.model.ChannelKey;
import java.util.Set;

/** Nothing was stored, since these channels are so large that their rosters are still being read. */
public final class Busy extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Set<ChannelKey> channels;

    public Busy(Set<ChannelKey> channels) {
        super("the members are being read", null, false, false);
        this.channels = channels;
    }

    public Set<ChannelKey> channels() {
        return channels;
    }
}
