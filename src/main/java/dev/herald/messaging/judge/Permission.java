package dev.herald.messaging.judge;

import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.messaging.roster.Roster;
import dev.herald.model.ChannelKey;
import dev.herald.model.Reason;

/**
 * Who may send to a channel: the first reason that holds, in the order of wukong-interfaces section 4.3. Back ends and
 * system accounts are stopped by the end of the channel only. Nothing here is asked of a field that clients choose. A channel
 * that there is not yet has no flags and nobody in it: whoever passes without being asked for that begins it.
 */
final class Permission {
    private final boolean personWhitelist;

    /** @param personWhitelist true if a person's whitelist is asked; then an empty one lets nobody through */
    Permission(boolean personWhitelist) {
        this.personWhitelist = personWhitelist;
    }

    Reason decide(Circumstances asked) {
        SendMessage message = asked.message();
        if (!message.trusted() && asked.sender().sendBan()) {
            return Reason.SEND_BAN;
        }
        // A session that a ban has outlived: its user could not connect again.
        if (!message.trusted() && asked.sender().ban()) {
            return Reason.BAN;
        }
        Reason ofChannel = flags(asked);
        if (ofChannel != Reason.SUCCESS || isFree(asked)) {
            return ofChannel;
        }
        return message.channel().isPerson() ? toPerson(asked) : toMembers(asked);
    }

    /** The public types have none: a ban there would take the way to the service from its visitors. */
    private static Reason flags(Circumstances asked) {
        if (isPublic(asked.message().channel().type())) {
            return Reason.SUCCESS;
        }
        if (asked.channel().ban() && !isPrivileged(asked)) {
            return Reason.BAN;
        }
        if (asked.channel().disband()) {
            return Reason.DISBAND;
        }
        return asked.channel().sendBan() && !isPrivileged(asked) ? Reason.SEND_BAN : Reason.SUCCESS;
    }

    /** True if no list is asked. */
    private static boolean isFree(Circumstances asked) {
        ChannelKey channel = asked.message().channel();
        String sender = asked.message().fromUid();
        boolean byType =
                switch (channel.type()) {
                    case ChannelKey.INFO, ChannelKey.CUSTOMER_SERVICE -> true;
                    case ChannelKey.AGENT -> channel.storedFor(sender).sides().contains(sender);
                    case ChannelKey.VISITORS -> channel.id().equals(sender);
                    default -> false;
                };
        return byType || isPrivileged(asked) || (channel.isPerson() && asked.toSystem());
    }

    private Reason toPerson(Circumstances asked) {
        String sender = asked.message().fromUid();
        if (asked.roster().blacklist().contains(sender)) {
            return Reason.IN_BLACKLIST;
        }
        boolean welcome = !personWhitelist
                || asked.addressed().allowStranger()
                || asked.roster().whitelist().contains(sender);
        return welcome ? Reason.SUCCESS : Reason.NOT_IN_WHITELIST;
    }

    private static Reason toMembers(Circumstances asked) {
        String sender = asked.message().fromUid();
        Roster roster = asked.roster();
        if (roster.blacklist().contains(sender)) {
            return Reason.IN_BLACKLIST;
        }
        if (!roster.members().contains(sender) && !asked.addressed().allowStranger()) {
            return Reason.NOT_MEMBER;
        }
        return roster.whitelist().isEmpty() || roster.whitelist().contains(sender)
                ? Reason.SUCCESS
                : Reason.NOT_IN_WHITELIST;
    }

    private static boolean isPublic(int type) {
        return switch (type) {
            case ChannelKey.CUSTOMER_SERVICE, ChannelKey.INFO, ChannelKey.VISITORS, ChannelKey.AGENT -> true;
            default -> false;
        };
    }

    private static boolean isPrivileged(Circumstances asked) {
        return asked.message().trusted() || asked.fromSystem();
    }
}
