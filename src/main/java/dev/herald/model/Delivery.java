package dev.herald.model;

/**
 * What a client receives, whether an ordinary message or a command, before a protocol gives it a form.
 *
 * @param messageId unique over messages and commands, for ever
 * @param messageSeq place in the channel (messages) or in the receiver's inbox (commands); 0 if it is not stored
 * @param channel as the sender addressed it; towards the receiver of a person message the socket shows the peer
 * @param expireSeconds 0 for none
 * @param timestampSeconds when it was stored, seconds since 1970
 */
public record Delivery(
        long messageId,
        long messageSeq,
        String fromUid,
        ChannelKey channel,
        String clientMsgNo,
        Header header,
        int setting,
        long expireSeconds,
        String topic,
        long timestampSeconds,
        Payload payload) {

    /** The three flags of a frame that senders choose and receivers see (wukong-interfaces section 1.2). */
    public record Header(boolean noPersist, boolean redDot, boolean syncOnce) {
        public static final Header PLAIN = new Header(false, false, false);

        /** The header of every stored command. */
        public static final Header COMMAND = new Header(false, false, true);

        private static final int NO_PERSIST_BIT = 1;
        private static final int RED_DOT_BIT = 2;
        private static final int SYNC_ONCE_BIT = 4;

        /** The low bits of a frame's first byte, and what the message log keeps. */
        public static Header ofBits(int bits) {
            return new Header((bits & NO_PERSIST_BIT) != 0, (bits & RED_DOT_BIT) != 0, (bits & SYNC_ONCE_BIT) != 0);
        }

        public int bits() {
            return (noPersist ? NO_PERSIST_BIT : 0) | (redDot ? RED_DOT_BIT : 0) | (syncOnce ? SYNC_ONCE_BIT : 0);
        }

        public Header withoutRedDot() {
            return new Header(noPersist, false, syncOnce);
        }
    }
}
