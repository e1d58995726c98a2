package dev.herald.messaging.judge;

import dev.herald.messaging.roster.Roster;

/** A message that may be sent, the channel that it goes to, and who is there. */
public record Accepted(Pending pending, ChannelRow channel, Roster roster) {}
