package dev.herald.stream;

import dev.herald.model.ChannelKey;

/**
 * The message that events belong to.
 *
 * @param channel primary key of its channel
 * @param stored the key that the channel is stored under
 */
public record StreamMessage(long id, long channel, long seq, ChannelKey stored, String fromUid) {}
