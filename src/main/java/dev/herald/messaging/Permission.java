package dev.herald.messaging;

import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.model.Reason;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who may send to a channel: a ban stops everybody but the back end, a disbanded channel stops that too. */
final class Permission {
    private Permission() {}

    /** @param channel null if there is none */
    static Reason decide(SendMessage message, @Nullable ChannelRow channel, Set<String> members) {
        if (channel == null) {
            return Reason.NOT_MEMBER;
        }
        if (channel.disband()) {
            return Reason.DISBAND;
        }
        if (message.trusted()) {
            return Reason.SUCCESS;
        }
        if (channel.ban()) {
            return Reason.BAN;
        }
        return message.channel().isPerson() || members.contains(message.fromUid()) ? Reason.SUCCESS : Reason.NOT_MEMBER;
    }
}
