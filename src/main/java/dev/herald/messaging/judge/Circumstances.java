package dev.herald.messaging.judge;

import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.channel.ChannelFlags;
import dev.herald.messaging.roster.Roster;

/**
 * All that decides whether a message may be sent.
 *
 * @param sender flags of the sender's own uid
 * @param fromSystem true if the sender is a system account
 * @param channel flags of the channel that it is stored in; none if nobody has written or set anything there yet
 * @param addressed flags of the channel that it is addressed to: of a person who receives, those of the own uid
 * @param toSystem true if it goes to a person who is a system account
 * @param roster of the channel that it is addressed to
 */
record Circumstances(
        SendMessage message,
        ChannelFlags sender,
        boolean fromSystem,
        ChannelFlags channel,
        ChannelFlags addressed,
        boolean toSystem,
        Roster roster) {}
