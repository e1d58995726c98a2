package dev.herald.wire.binary;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.herald.model.Setting;
import dev.herald.wire.Frame;
import org.jspecify.annotations.Nullable;

/**
 * The RECV that was written last, as far as it is the same for all who receive it: of a message to many, each receiver
 * is handed the same frame. For one thread at a time.
 */
@SuppressWarnings("ReferenceEquality")
public final class SharedRecv {
    private static final int FIELDS_HINT = 128;

    private Frame.@Nullable Recv last;
    private int version;
    private int setting;
    private byte[] signed = {};
    private byte[] fields = {};

    /** A topic is announced by its setting bit, whether the sender set it or not. */
    int setting(Frame.Recv recv, Layout layout) {
        prepare(recv, layout);
        return setting;
    }

    /** What the signature covers, but for the payload. */
    byte[] signed(Frame.Recv recv, Layout layout) {
        prepare(recv, layout);
        return signed;
    }

    /** The fields between the signature and the payload. */
    byte[] fields(Frame.Recv recv, Layout layout) {
        prepare(recv, layout);
        return fields;
    }

    private void prepare(Frame.Recv recv, Layout layout) {
        if (recv == last && version == layout.version()) {
            return;
        }
        last = recv;
        version = layout.version();
        setting = layout.withoutStream(recv.setting()) | (recv.topic().isEmpty() ? 0 : Setting.TOPIC);
        signed = Encryption.signedOfRecv(recv).getBytes(UTF_8);
        FieldWriter writer = new FieldWriter(FIELDS_HINT)
                .str("fromUID", recv.fromUid())
                .str("channelID", recv.channel().id())
                .u8("channelType", recv.channel().type());
        if (layout.hasExpire()) {
            writer.u32("expire", recv.expireSeconds());
        }
        writer.str("clientMsgNo", recv.clientMsgNo())
                .i64(recv.messageId())
                .u32("messageSeq", recv.messageSeq())
                .u32("timestamp", recv.timestampSeconds());
        if ((setting & Setting.TOPIC) != 0) {
            writer.str("topic", recv.topic());
        }
        fields = writer.fields();
    }
}
