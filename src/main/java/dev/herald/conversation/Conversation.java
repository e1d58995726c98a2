package dev.herald.conversation;

import dev.herald.messagelog.LogChannel;
import dev.herald.model.Delivery;

/**
 * A channel as one user has it.
 *
 * @param readSeq all up to here is read, as the user said or since it joined later
 * @param sentSeq the last message of its own
 * @param deletedSeq all up to here is hidden
 */
public record Conversation(LogChannel channel, long readSeq, long sentSeq, long deletedSeq) {
    /**
     * What is left to read.
     *
     * @param readTo up to which all is read
     */
    public record Unread(long count, long readTo) {}

    /** All up to here is read without counting what the user wrote: what is hidden cannot be read any more. */
    public long readTo() {
        return Math.max(readSeq, deletedSeq);
    }

    /** The messages behind the read position, or behind the user's own last one; every one counts. */
    public Unread unread(Delivery last, String uid) {
        long seq = last.messageSeq();
        long read = last.fromUid().equals(uid) ? seq : Math.min(seq, Math.max(readTo(), sentSeq));
        return new Unread(seq - read, Math.max(read, readTo()));
    }
}
