package dev.herald.wire;

import dev.herald.model.Delivery.Header;

/** The frames that the server sends (wukong-interfaces section 1.5). */
final class BinaryEncoder {
    /** Room for the fields of a RECV beside its payload, as they mostly are. */
    private static final int RECV_SIZE_HINT = 192;

    private static final int SIZE_HINT = 96;

    private BinaryEncoder() {}

    static byte[] connAck(Frame.ConnAck ack) {
        boolean hasServer = ack.serverVersion() > 0;
        FieldWriter fields = new FieldWriter(SIZE_HINT);
        if (hasServer) {
            fields.u8("serverVersion", ack.serverVersion());
        }
        fields.i64(ack.timeDiffMillis())
                .u8("reasonCode", ack.reasonCode())
                .str("serverKey", ack.serverKey())
                .str("salt", ack.salt());
        if (hasServer) {
            fields.i64(ack.nodeId());
        }
        return fields.frame(FrameType.CONNACK, hasServer ? Flags.HAS_SERVER_VERSION : 0);
    }

    static byte[] sendAck(Frame.SendAck ack) {
        return new FieldWriter(SIZE_HINT)
                .i64(ack.messageId())
                .u32("clientSeq", ack.clientSeq())
                .u32("messageSeq", ack.messageSeq())
                .u8("reasonCode", ack.reasonCode())
                .frame(FrameType.SENDACK, Flags.of(ack.header()));
    }

    /** A topic is announced by its setting bit, whether the sender set it or not. */
    static byte[] recv(Frame.Recv recv, Layout layout, Encryption encryption) {
        byte[] payload = encryption.encrypt(recv.payload());
        int setting = layout.withoutStream(recv.setting()) | (recv.topic().isEmpty() ? 0 : Setting.TOPIC);
        FieldWriter fields = new FieldWriter(RECV_SIZE_HINT + payload.length)
                .u8("setting", setting)
                .str("msgKey", encryption.sign(Encryption.signedOfRecv(recv), payload))
                .str("fromUID", recv.fromUid())
                .str("channelID", recv.channel().id())
                .u8("channelType", recv.channel().type());
        if (layout.hasExpire()) {
            fields.u32("expire", recv.expireSeconds());
        }
        fields.str("clientMsgNo", recv.clientMsgNo())
                .i64(recv.messageId())
                .u32("messageSeq", recv.messageSeq())
                .u32("timestamp", recv.timestampSeconds());
        if ((setting & Setting.TOPIC) != 0) {
            fields.str("topic", recv.topic());
        }
        return fields.raw(payload).frame(FrameType.RECV, Flags.of(recv));
    }

    static byte[] disconnect(Frame.Disconnect disconnect) {
        return new FieldWriter(SIZE_HINT)
                .u8("reasonCode", disconnect.reasonCode())
                .str("reason", disconnect.reason())
                .frame(FrameType.DISCONNECT, Flags.of(Header.PLAIN));
    }

    static byte[] pong() {
        return new byte[] {(byte) (FrameType.PONG << 4)};
    }
}
