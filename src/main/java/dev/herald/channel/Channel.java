package dev.herald.channel;

import dev.herald.model.ChannelKey;

/**
 * A channel as it stands.
 *
 * @param pk its primary key, by which members and commands refer to it
 * @param revision raised by every change; 0 only while the change that creates it runs
 */
public record Channel(long pk, ChannelKey key, ChannelInfo info, long revision) {}
