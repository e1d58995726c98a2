package dev.herald.bus.message;

import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import dev.herald.model.Payload;
import dev.herald.model.Reason;
import java.util.List;
import java.util.Set;

/** To and from the owner of ordinary messages, the message verticle. */
public sealed interface MessagingMessage extends BusMessage {

    /**
     * A message to be stored and delivered.
     *
     * @param channel as addressed: for a person message the receiver's uid
     * @param trusted true if it comes from the back end: membership is not asked
     * @param fromSession not delivered back to this session; {@link SocketMessage#NO_SESSION} if none sent it
     */
    record SendMessage(
            String fromUid,
            long fromSession,
            boolean trusted,
            ChannelKey channel,
            String clientMsgNo,
            Delivery.Header header,
            int setting,
            long expireSeconds,
            String topic,
            Payload payload)
            implements MessagingMessage {}

    /** Messages that one node has committed at once, in the order of their commit. */
    record ChannelMessages(List<ChannelMessage> messages) implements MessagingMessage {
        public ChannelMessages {
            messages = List.copyOf(messages);
        }
    }

    /**
     * @param channel its primary key
     * @param revision of the channel at least: its members may be those of a later one
     * @param stored the key that the channel is stored under
     * @param skipSession the session that sent it, or {@link SocketMessage#NO_SESSION}
     * @param uids who receives it; none if it is the members of the channel
     * @param first true if no earlier message of the channel can still be under way
     * @param late true if it was stored some time ago: who connected since has it from the history
     */
    record ChannelMessage(
            long channel,
            long revision,
            ChannelKey stored,
            Delivery delivery,
            long skipSession,
            Set<String> uids,
            boolean first,
            boolean late) {
        public ChannelMessage {
            uids = uids == null ? Set.of() : Set.copyOf(uids);
        }
    }

    /**
     * What happened to a message of a channel.
     *
     * @param channel its primary key
     * @param revision of the channel at least: its members may be those of a later one
     * @param stored the key that the channel is stored under
     * @param uids who is told; none if it is the members of the channel
     * @param data JSON text
     */
    record ChannelEvent(
            long channel,
            long revision,
            ChannelKey stored,
            Set<String> uids,
            String id,
            String type,
            long timestampMillis,
            String data)
            implements MessagingMessage {
        public ChannelEvent {
            uids = Set.copyOf(uids);
        }
    }

    /**
     * Several at once, to be stored in their order.
     *
     * @param answersTo who is told of the answers
     * @param number of these among the sender's, for the answers to say
     */
    record SendMessages(String answersTo, long number, List<SendMessage> list) implements MessagingMessage {
        public SendMessages {
            list = List.copyOf(list);
        }
    }

    /** Answers to {@link SendMessages}, each as soon as it is known; one that failed is refused. */
    record SendAnswers(List<SendAnswer> list) implements MessagingMessage {
        public SendAnswers {
            list = List.copyOf(list);
        }
    }

    /**
     * @param number of the {@link SendMessages}
     * @param place of the message among them, from 0
     */
    record SendAnswer(long number, int place, MessageSent sent) {}

    /** @param messageSeq 0 unless the reason is {@link Reason#SUCCESS} and the message was stored */
    record MessageSent(Reason reason, long messageId, long messageSeq) implements MessagingMessage {
        public static MessageSent refused(Reason reason) {
            return new MessageSent(reason, 0, 0);
        }
    }
}
