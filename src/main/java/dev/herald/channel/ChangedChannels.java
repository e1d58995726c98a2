package dev.herald.channel;

import dev.herald.model.ChannelKey;
import java.util.List;

/**
 * What has become of channels since somebody knew them.
 *
 * @param missing those that are not there
 * @param more true if further ones have changed than were read at once
 */
public record ChangedChannels(List<Channel> channels, List<ChannelKey> missing, boolean more) {
    public ChangedChannels {
        channels = List.copyOf(channels);
        missing = List.copyOf(missing);
    }
}
