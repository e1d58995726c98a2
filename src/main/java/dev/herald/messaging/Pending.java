package dev.herald.messaging;

import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.model.ChannelKey;
import dev.herald.model.Reason;
import io.vertx.core.Promise;

/** A message that waits for its commit, with the key that its channel is stored under. */
record Pending(SendMessage message, ChannelKey stored, Promise<MessageSent> answer) {

    static Pending of(SendMessage message) {
        ChannelKey stored = message.channel().isPerson()
                ? ChannelKey.conversation(message.fromUid(), message.channel().id())
                : message.channel();
        return new Pending(message, stored, Promise.promise());
    }

    /** The group, or the person who receives. */
    ChannelKey addressed() {
        return message.channel();
    }

    /** What makes a resend the same message (promise M1). */
    RepeatKey repeatKey() {
        return new RepeatKey(stored, message.fromUid(), message.clientMsgNo());
    }

    /** Channels that come to be with their first message; a client's word makes no group. */
    boolean mayCreateChannel() {
        return stored.isPerson() || message.trusted();
    }

    void refuse(Reason reason) {
        answer.tryComplete(MessageSent.refused(reason));
    }

    record RepeatKey(ChannelKey stored, String fromUid, String clientMsgNo) {}
}
