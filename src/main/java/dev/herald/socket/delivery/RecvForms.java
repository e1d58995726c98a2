package dev.herald.socket.delivery;

import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import dev.herald.model.Uid;
import dev.herald.wire.Frame.Recv;
import org.jspecify.annotations.Nullable;

/**
 * A delivery as its receivers see it (wukong-interfaces section 1.10): all but its sender and the person it is
 * addressed to see the same.
 */
public final class RecvForms {
    private final Delivery delivery;
    private @Nullable Recv common;

    public RecvForms(Delivery delivery) {
        this.delivery = delivery;
    }

    public Recv of(String receiver) {
        if (receiver.equals(delivery.fromUid()) || delivery.channel().isPerson()) {
            return of(delivery, receiver, false);
        }
        if (common == null) {
            common = of(delivery, receiver, false);
        }
        return common;
    }

    /** @param dup true if this connection was sent it before */
    static Recv of(Delivery delivery, String receiver, boolean dup) {
        boolean own = delivery.fromUid().equals(receiver);
        String from = Uid.shown(delivery.fromUid());
        return new Recv(
                own ? delivery.header().withoutRedDot() : delivery.header(),
                dup,
                delivery.setting(),
                from,
                channel(delivery.channel(), receiver, from),
                delivery.expireSeconds(),
                delivery.clientMsgNo(),
                delivery.messageId(),
                delivery.messageSeq(),
                delivery.timestampSeconds(),
                delivery.topic(),
                delivery.payload());
    }

    /** A person message is shown under the peer: to its receiver the sender, to the sender's other devices the receiver. */
    private static ChannelKey channel(ChannelKey channel, String receiver, String from) {
        return channel.isPerson() && channel.id().equals(receiver) ? new ChannelKey(from, ChannelKey.PERSON) : channel;
    }
}
