package dev.herald.command;

import dev.herald.model.ChannelKey;
import dev.herald.model.Payload;

/**
 * A command to be appended.
 *
 * @param channel as clients are told it
 * @param clientMsgNo with sender and channel it tells a repeat, so it is never empty
 */
public record NewCommand(ChannelKey channel, String fromUid, String clientMsgNo, Payload payload, Audience audience) {}
