package dev.herald.messaging.judge;

import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.model.ChannelKey;
import io.vertx.core.Promise;
import java.time.Duration;

/**
 * A message that waits for its commit, with the key that its channel is stored under.
 *
 * @param since when it came, in nanoseconds of {@link System#nanoTime()}
 */
public record Pending(SendMessage message, ChannelKey stored, Promise<MessageSent> answer, long since) {
    public static Pending of(SendMessage message) {
        return new Pending(
                message, message.channel().storedFor(message.fromUid()), Promise.promise(), System.nanoTime());
    }

    public Duration age() {
        return Duration.ofNanos(System.nanoTime() - since);
    }

    /** Whose lists are asked: those of the channel, or of the person who receives. */
    ChannelKey addressed() {
        return message.channel().isPerson() ? message.channel() : stored;
    }

    /** Where the sender's own flags stand. */
    ChannelKey sender() {
        return new ChannelKey(message.fromUid(), ChannelKey.PERSON);
    }

    /** What makes a resend the same message (promise M1). */
    public RepeatKey repeatKey() {
        return new RepeatKey(stored, message.fromUid(), message.clientMsgNo());
    }

    public record RepeatKey(ChannelKey stored, String fromUid, String clientMsgNo) {}
}
