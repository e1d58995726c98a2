package dev.herald.messaging;

import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.model.Reason;
import dev.herald.model.Uid;
import org.jspecify.annotations.Nullable;

/**
 * Who may send to a channel, in the order of wukong-interfaces section 4.3; a ban stops everybody but the back end, a
 * disbanded channel stops that, too.
 */
final class Permission {
    private final boolean personWhitelist;

    /** @param personWhitelist true if a person's whitelist is asked; then an empty one lets nobody through */
    Permission(boolean personWhitelist) {
        this.personWhitelist = personWhitelist;
    }

    /**
     * @param channel as it is stored, null if there is none
     * @param roster of the group, or of the person who receives
     */
    Reason decide(SendMessage message, @Nullable ChannelRow channel, Roster roster) {
        if (channel == null) {
            return Reason.NOT_MEMBER;
        }
        if (channel.ban() && !message.trusted()) {
            return Reason.BAN;
        }
        if (channel.disband()) {
            return Reason.DISBAND;
        }
        if (message.trusted()) {
            return Reason.SUCCESS;
        }
        return message.channel().isPerson() ? toPerson(message, roster) : toGroup(message.fromUid(), roster);
    }

    private Reason toPerson(SendMessage message, Roster receiver) {
        if (message.channel().id().equals(Uid.SYSTEM)) {
            return Reason.SUCCESS;
        }
        if (receiver.blacklist().contains(message.fromUid())) {
            return Reason.IN_BLACKLIST;
        }
        return !personWhitelist || receiver.whitelist().contains(message.fromUid())
                ? Reason.SUCCESS
                : Reason.NOT_IN_WHITELIST;
    }

    private static Reason toGroup(String sender, Roster group) {
        if (group.blacklist().contains(sender)) {
            return Reason.IN_BLACKLIST;
        }
        if (!group.members().contains(sender)) {
            return Reason.NOT_MEMBER;
        }
        return group.whitelist().isEmpty() || group.whitelist().contains(sender)
                ? Reason.SUCCESS
                : Reason.NOT_IN_WHITELIST;
    }
}
