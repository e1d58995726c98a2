package dev.herald.command;

import java.util.List;

/** Who a command is for. It is settled before the command is committed, however late its fan-out runs. */
public sealed interface Audience {

    /**
     * The members of a channel.
     *
     * @param channel primary key of the channel
     * @param revision the channel's revision whose members are meant
     * @param withLeavers also those whom the change to this very revision removed
     */
    record Members(long channel, long revision, boolean withLeavers) implements Audience {}

    /** These users. */
    record Users(List<String> uids) implements Audience {
        public Users {
            uids = List.copyOf(uids);
        }
    }
}
