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
        boolean creates, LongPredicate expected, UnaryOperator<ChannelInfo> info, MemberEdit members, ListEdit listed) {

    /** Makes the channel if there is none. */
    public static ChannelEdit upsert(UnaryOperator<ChannelInfo> info, MemberEdit members) {
        return new ChannelEdit(true, revision -> true, info, members, ListEdit.KEEP);
    }

    /** Changes the channel only if there is one. */
    public static ChannelEdit update(UnaryOperator<ChannelInfo> info, MemberEdit members) {
        return new ChannelEdit(false, revision -> true, info, members, ListEdit.KEEP);
    }

    /** Changes nothing but a list; makes the channel only for a list that gains somebody. */
    public static ChannelEdit of(ListEdit listed) {
        boolean gains =
                switch (listed.uids()) {
                    case MemberEdit.Add add -> true;
                    case MemberEdit.Replace replace -> !replace.uids().isEmpty();
                    case MemberEdit.Remove remove -> false;
                    case MemberEdit.Keep keep -> false;
                };
        return new ChannelEdit(gains, revision -> true, UnaryOperator.identity(), MemberEdit.KEEP, listed);
    }

    public ChannelEdit onlyIf(LongPredicate expectedRevision) {
        return new ChannelEdit(creates, expectedRevision, info, members, listed);
    }
}
