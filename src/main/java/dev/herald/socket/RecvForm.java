package dev.herald.socket;

import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import dev.herald.model.Uid;
import dev.herald.wire.Frame.Recv;

/** A delivery as one of its receivers sees it (wukong-interfaces section 1.10). */
final class RecvForm {
    private RecvForm() {}

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
