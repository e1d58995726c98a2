package dev.herald.channel;

import java.util.function.LongPredicate;
import java.util.function.UnaryOperator;

/**
 * One change of a channel, to be applied to the state it finds.
 *
 * @param creates true to make the channel if there is none
 * @param expected of the revision; if it says no, nothing is changed
 * @param info runs inside the transaction: pure, and without waiting
 */
public record ChannelEdit(
        boolean creates, LongPredicate expected, UnaryOperator<ChannelInfo> info, MemberEdit members) {

    /** Makes the channel if there is none. */
    public static ChannelEdit upsert(UnaryOperator<ChannelInfo> info, MemberEdit members) {
        return new ChannelEdit(true, revision -> true, info, members);
    }

    /** Changes the channel only if there is one. */
    public static ChannelEdit update(UnaryOperator<ChannelInfo> info, MemberEdit members) {
        return new ChannelEdit(false, revision -> true, info, members);
    }

    public ChannelEdit onlyIf(LongPredicate expectedRevision) {
        return new ChannelEdit(creates, expectedRevision, info, members);
    }
}
