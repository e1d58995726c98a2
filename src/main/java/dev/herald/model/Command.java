package dev.herald.model;

/**
 * A command as its source log holds it; each inbox points to it, and its place there is the delivery's sequence.
 *
 * @param channel as clients are told it; for a command addressed to users it is a technical channel
 * @param timestampSeconds when it was committed, seconds since 1970
 * @param expireSeconds from then on, after which it is given to nobody; 0 for no end
 */
public record Command(
        long id,
        ChannelKey channel,
        String fromUid,
        String clientMsgNo,
        long timestampSeconds,
        Payload payload,
        long expireSeconds) {

    /** One without an end. */
    public Command(
            long id, ChannelKey channel, String fromUid, String clientMsgNo, long timestampSeconds, Payload payload) {
        this(id, channel, fromUid, clientMsgNo, timestampSeconds, payload, 0);
    }

    public boolean isOver() {
        return Expiry.isOver(timestampSeconds, expireSeconds);
    }

    /** This command as one user receives it. */
    public Delivery at(long inboxSeq) {
        return new Delivery(
                id,
                inboxSeq,
                fromUid,
                channel,
                clientMsgNo,
                Delivery.Header.COMMAND,
                0,
                expireSeconds,
                "",
                timestampSeconds,
                payload);
    }
}
