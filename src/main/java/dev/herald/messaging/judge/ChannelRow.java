package dev.herald.messaging.judge;

import dev.herald.channel.ChannelFlags;

/** The part of a channel's state that decides about a message, as of the batch that asks. */
public record ChannelRow(long pk, long revision, ChannelFlags flags) {}
