package dev.herald.wire.binary;

import dev.herald.wire.Frame;

/** The frames that the server sends (wukong-interfaces section 1.5). */
final class BinaryEncoder {
    /** The setting and the msgKey with its length. */
    private static final int MSG_KEY_SIZE = 1 + 2 + 32;

    private static final int SIZE_HINT = 96;
    private static final int NO_FLAGS = 0;

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
        return fields.frame(FrameType.CONNACK, hasServer ? Flags.HAS_SERVER_VERSION : NO_FLAGS);
    }

    static byte[] sendAck(Frame.SendAck ack) {
        return new FieldWriter(SIZE_HINT)
                .i64(ack.messageId())
                .u32("clientSeq", ack.clientSeq())
                .u32("messageSeq", ack.messageSeq())
                .u8("reasonCode", ack.reasonCode())
                .frame(FrameType.SENDACK, ack.header().bits());
    }

    static byte[] recv(Frame.Recv recv, Layout layout, Encryption encryption, SharedRecv shared) {
        byte[] payload = encryption.encrypt(recv.payload());
        byte[] fields = shared.fields(recv, layout);
        return new FieldWriter(MSG_KEY_SIZE + fields.length + payload.length)
                .u8("setting", shared.setting(recv, layout))
                .str("msgKey", encryption.sign(shared.signed(recv, layout), payload))
                .raw(fields)
                .raw(payload)
                .frame(FrameType.RECV, Flags.of(recv));
    }

    static byte[] disconnect(Frame.Disconnect disconnect) {
        return new FieldWriter(SIZE_HINT)
                .u8("reasonCode", disconnect.reasonCode())
                .str("reason", disconnect.reason())
                .frame(FrameType.DISCONNECT, NO_FLAGS);
    }

    /** Never encrypted, as the original sends it. */
    static byte[] event(Frame.Event event) {
        return new FieldWriter(SIZE_HINT + event.data().size())
                .str("id", event.id())
                .str("type", event.type())
                .i64(event.timestampMillis())
                .raw(event.data().bytes())
                .frame(FrameType.EVENT, NO_FLAGS);
    }

    static byte[] pong() {
        return new byte[] {(byte) (FrameType.PONG << 4)};
    }
}
