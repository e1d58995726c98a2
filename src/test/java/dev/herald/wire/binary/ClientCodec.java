package dev.herald.wire.binary;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Payload;
import dev.herald.model.Setting;
import dev.herald.wire.Frame;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.random.RandomGenerator;

/**
 * A client of the binary protocol: encodes what clients send, decodes what the server sends, and checks every signature.
 * It takes its keys from the CONNACK that it decodes.
 */
public final class ClientCodec {
    private final Layout layout;
    private final KeyExchange keys;
    private Frame.ConnAck accepted;
    private Encryption encryption;

    public ClientCodec(int version) {
        this(version, new SecureRandom());
    }

    public ClientCodec(int version, RandomGenerator random) {
        this.layout = new Layout(version);
        this.keys = KeyExchange.generate(random);
    }

    /** The CONNECT of this client, with its version and key. */
    public Frame.Connect connect(int deviceFlag, String deviceId, String uid, String token, long nowMillis) {
        return new Frame.Connect(layout.version(), deviceFlag, deviceId, uid, token, nowMillis, keys.publicKey());
    }

    public byte[] encode(Frame frame) {
        return switch (frame) {
            case Frame.Connect connect -> connect(connect);
            case Frame.Send send -> send(send);
            case Frame.RecvAck ack -> recvAck(ack);
            case Frame.Ping ping -> new byte[] {(byte) (FrameType.PING << 4)};
            default -> throw new IllegalArgumentException("a client sends no " + frame);
        };
    }

    /** @param message exactly one frame, as the server writes it into one WebSocket message */
    public Frame decode(byte[] message) {
        return decode(message, true);
    }

    /** The same, but a RECV's payload stays empty and its signature is not checked. */
    public Frame glance(byte[] message) {
        return decode(message, false);
    }

    private Frame decode(byte[] message, boolean open) {
        int type = (message[0] & 0xff) >> 4;
        int flags = message[0] & 0x0f;
        if (type == FrameType.PONG) {
            require(message.length == 1, "PONG has one byte");
            return new Frame.Pong();
        }
        FieldReader body = body(message);
        return switch (type) {
            case FrameType.CONNACK -> connAck(flags, body);
            case FrameType.SENDACK -> sendAck(flags, body);
            case FrameType.RECV -> recv(flags, body, open);
            case FrameType.DISCONNECT -> disconnect(body);
            case FrameType.EVENT ->
                new Frame.Event(body.str("id"), body.str("type"), body.i64("timestamp"), Payload.of(body.rest()));
            default -> throw new IllegalStateException("the server sent a frame of type " + type);
        };
    }

    private static byte[] connect(Frame.Connect connect) {
        return new FieldWriter(64)
                .u8("version", connect.version())
                .u8("deviceFlag", connect.deviceFlag())
                .str("deviceID", connect.deviceId())
                .str("uid", connect.uid())
                .str("token", connect.token())
                .i64(connect.clientTimestampMillis())
                .str("clientKey", connect.clientKey())
                .frame(FrameType.CONNECT, 0);
    }

    /** With the stream bit, versions that have stream fields send a stream number. */
    private byte[] send(Frame.Send send) {
        byte[] payload = encryption().encrypt(send.payload());
        ChannelKey channel = send.channel();
        String signed = Encryption.signedOfSend(send.clientSeq(), send.clientMsgNo(), channel);
        FieldWriter fields = new FieldWriter(64)
                .u8("setting", send.setting())
                .u32("clientSeq", send.clientSeq())
                .str("clientMsgNo", send.clientMsgNo());
        if (layout.hasStream(send.setting())) {
            fields.str("streamNo", "stream");
        }
        fields.str("channelID", channel.id()).u8("channelType", channel.type());
        if (layout.hasExpire()) {
            fields.u32("expire", send.expireSeconds());
        }
        fields.str("msgKey", encryption().sign(signed.getBytes(UTF_8), payload));
        if ((send.setting() & Setting.TOPIC) != 0) {
            fields.str("topic", send.topic());
        }
        return fields.raw(payload).frame(FrameType.SEND, send.header().bits());
    }

    private static byte[] recvAck(Frame.RecvAck ack) {
        return new FieldWriter(12)
                .i64(ack.messageId())
                .u32("messageSeq", ack.messageSeq())
                .frame(FrameType.RECVACK, ack.header().bits());
    }

    private static FieldReader body(byte[] message) {
        int length = 0;
        int at = 1;
        int shift = 0;
        for (boolean more = true; more; shift += 7) {
            length |= (message[at] & 0x7f) << shift;
            more = message[at++] < 0;
        }
        require(at + length == message.length, "one frame and nothing else in a message");
        return new FieldReader("frame", ByteBuffer.wrap(message, at, length));
    }

    private Frame connAck(int flags, FieldReader body) {
        require(hasServer() == ((flags & Flags.HAS_SERVER_VERSION) != 0), "serverVersion from version 4 on");
        int serverVersion = hasServer() ? body.u8("serverVersion") : 0;
        long timeDiff = body.i64("timeDiff");
        int reasonCode = body.u8("reasonCode");
        String serverKey = body.str("serverKey");
        String salt = body.str("salt");
        long nodeId = hasServer() ? body.i64("nodeId") : 0;
        body.end();
        Frame.ConnAck ack = new Frame.ConnAck(serverVersion, timeDiff, reasonCode, serverKey, salt, nodeId);
        if (reasonCode == 1) {
            accepted = ack;
            encryption = null;
        }
        return ack;
    }

    /** Made when it is needed: the load driver's clients mostly only log in. */
    private Encryption encryption() {
        if (encryption == null) {
            encryption = new Encryption(keys.agree(accepted.serverKey()), accepted.salt());
        }
        return encryption;
    }

    private boolean hasServer() {
        return layout.version() > 3;
    }

    private static Frame sendAck(int flags, FieldReader body) {
        Header header = Header.ofBits(flags);
        Frame ack = new Frame.SendAck(
                header, body.i64("messageID"), body.u32("clientSeq"), body.u32("messageSeq"), body.u8("reasonCode"));
        body.end();
        return ack;
    }

    private Frame recv(int flags, FieldReader body, boolean open) {
        int setting = body.u8("setting");
        require(!layout.hasStream(setting), "no stream fields");
        String msgKey = body.str("msgKey");
        String fromUid = body.str("fromUID");
        ChannelKey channel = new ChannelKey(body.str("channelID"), body.u8("channelType"));
        long expire = layout.hasExpire() ? body.u32("expire") : 0;
        String clientMsgNo = body.str("clientMsgNo");
        long messageId = body.i64("messageID");
        long messageSeq = body.u32("messageSeq");
        long timestamp = body.u32("timestamp");
        String topic = (setting & Setting.TOPIC) == 0 ? "" : body.str("topic");
        byte[] encrypted = body.rest();
        Frame.Recv read = new Frame.Recv(
                Header.ofBits(flags),
                (flags & Flags.DUP) != 0,
                setting,
                fromUid,
                channel,
                expire,
                clientMsgNo,
                messageId,
                messageSeq,
                timestamp,
                topic,
                Payload.EMPTY);
        if (!open) {
            return read;
        }
        Payload payload = encryption()
                .open(Encryption.signedOfRecv(read), msgKey, encrypted)
                .orElseThrow(() -> new IllegalStateException("a RECV whose msgKey is wrong"));
        return new Frame.Recv(
                read.header(),
                read.dup(),
                setting,
                fromUid,
                channel,
                expire,
                clientMsgNo,
                messageId,
                messageSeq,
                timestamp,
                topic,
                payload);
    }

    private static Frame disconnect(FieldReader body) {
        Frame disconnect = new Frame.Disconnect(body.u8("reasonCode"), body.str("reason"));
        body.end();
        return disconnect;
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new IllegalStateException("the server must keep: " + what);
        }
    }
}
