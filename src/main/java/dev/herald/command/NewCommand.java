package dev.herald.command;

import dev.herald.model.ChannelKey;
import dev.herald.model.Payload;
import org.jspecify.annotations.Nullable;

/**
 * A command to be appended.
 *
 * @param channel as clients are told it
 * @param clientMsgNo with sender and channel it tells a repeat, so it is never empty
 * @param coalesceKey a later command with the same key makes this one needless; null if none does
 * @param expireSeconds after which it is given to nobody; 0 for no end
 */
public record NewCommand(
        ChannelKey channel,
        String fromUid,
        String clientMsgNo,
        Payload payload,
        Audience audience,
        @Nullable String coalesceKey,
        long expireSeconds) {
    /** How the coalescing keys begin that only Herald's own commands have. */
    public static final String RESERVED_KEYS = "herald.";

    /** One that no other makes needless. */
    public NewCommand(ChannelKey channel, String fromUid, String clientMsgNo, Payload payload, Audience audience) {
        this(channel, fromUid, clientMsgNo, payload, audience, null, 0);
    }
}
