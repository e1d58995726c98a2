package dev.herald.channel;

import dev.herald.model.ChannelKey;

/**
 * A channel as a reader knows it.
 *
 * @param revision the last that it has read; negative if it has read none
 */
public record ChannelAt(ChannelKey key, long revision) {}
