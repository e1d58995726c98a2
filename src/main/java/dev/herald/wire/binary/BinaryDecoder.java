package dev.herald.wire.binary;

import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Payload;
import dev.herald.model.Setting;
import dev.herald.wire.Frame;
import java.util.Optional;

/** Bodies of the frames that clients send (wukong-interfaces section 1.5). */
final class BinaryDecoder {
    private BinaryDecoder() {}

    /** CONNECT has the same fields in every version. */
    static Frame.Connect connect(FieldReader fields) {
        Frame.Connect connect = new Frame.Connect(
                fields.u8("version"),
                fields.u8("deviceFlag"),
                fields.str("deviceID"),
                fields.str("uid"),
                fields.str("token"),
                fields.i64("clientTimestamp"),
                fields.str("clientKey"));
        fields.end();
        return connect;
    }

    /** Stream fields are read and dropped, and the setting then claims none. */
    static Frame send(int flags, FieldReader fields, Layout layout, Encryption encryption) {
        Header header = Header.ofBits(flags);
        int setting = fields.u8("setting");
        long clientSeq = fields.u32("clientSeq");
        String clientMsgNo = fields.str("clientMsgNo");
        if (layout.hasStream(setting)) {
            fields.str("streamNo");
        }
        ChannelKey channel = new ChannelKey(fields.str("channelID"), fields.u8("channelType"));
        long expire = layout.hasExpire() ? fields.u32("expire") : 0;
        String msgKey = fields.str("msgKey");
        String topic = (setting & Setting.TOPIC) == 0 ? "" : fields.str("topic");
        String signed = Encryption.signedOfSend(clientSeq, clientMsgNo, channel);
        Optional<Payload> payload = encryption.open(signed, msgKey, fields.rest());
        if (payload.isEmpty()) {
            return new Frame.UnreadableSend(header, clientSeq);
        }
        int kept = layout.withoutStream(setting);
        return new Frame.Send(header, kept, clientSeq, clientMsgNo, channel, expire, topic, payload.get());
    }

    static Frame recvAck(int flags, FieldReader fields) {
        Frame ack = new Frame.RecvAck(Header.ofBits(flags), fields.i64("messageID"), fields.u32("messageSeq"));
        fields.end();
        return ack;
    }
}
