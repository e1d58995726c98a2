package dev.herald.messaging.commit;

import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.model.Delivery;

/**
 * A message that has its place.
 *
 * @param again true if it was stored before
 * @param news of one stored before: whether that was so short ago that it may not have been told of; of another:
 *     whether its channel has rested for so long that no earlier message is under way
 */
record Stored(long messageId, long seq, long timestampSeconds, boolean again, boolean news) {
    Delivery delivery(SendMessage message) {
        return new Delivery(
                messageId,
                seq,
                message.fromUid(),
                message.channel(),
                message.clientMsgNo(),
                message.header(),
                message.setting(),
                message.expireSeconds(),
                message.topic(),
                timestampSeconds,
                message.payload());
    }
}
