package dev.herald.wire.binary;

import dev.herald.model.Reason;
import dev.herald.wire.Frame;
import dev.herald.wire.Protocol;
import dev.herald.wire.Stage;
import dev.herald.wire.Unread;
import dev.herald.wire.WireException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The binary protocol, versions up to 5, encrypted (wukong-interfaces section 1). */
public final class BinaryProtocol implements Protocol {
    private static final int MAX_LENGTH_BYTES = 4;

    /** One for all: a PING is one byte on the wire, and a flood of them must not grow in memory. */
    private static final Frame PING = new Frame.Ping();

    private static final Frame IGNORED = new Frame.Ignored();

    private final int maxFrameBytes;
    private final RandomGenerator random;
    private final SharedRecv shared;
    private final Unread unread;
    private Stage stage = Stage.NEW;
    private Layout layout = new Layout(0);
    private int serverVersion;
    private @Nullable Encryption encryption;

    /**
     * @param maxFrameBytes bound of a frame, header not counted
     * @param random source of the server's key and salt; it must be unpredictable
     * @param shared by the connections of one thread
     */
    public BinaryProtocol(int maxFrameBytes, RandomGenerator random, SharedRecv shared) {
        this.maxFrameBytes = maxFrameBytes;
        this.random = random;
        this.shared = shared;
        this.unread = new Unread(1 + MAX_LENGTH_BYTES + maxFrameBytes);
    }

    @Override
    public List<Frame> read(byte[] bytes) {
        return unread.read(bytes, this::next);
    }

    @Override
    public int unread() {
        return unread.size();
    }

    @Override
    public Frame.ConnAck accept(Frame.Connect connect, long nodeId, long nowMillis) {
        KeyExchange keys = KeyExchange.generate(random);
        String salt = Encryption.newSalt(random);
        encryption = new Encryption(keys.agree(connect.clientKey()), salt);
        stage = Stage.OPEN;
        return new Frame.ConnAck(
                serverVersion,
                nowMillis - connect.clientTimestampMillis(),
                Reason.SUCCESS.code(),
                keys.publicKey(),
                salt,
                serverVersion == 0 ? 0 : nodeId);
    }

    /** CONNACK has no place for the text. */
    @Override
    public byte[] refuse(int reasonCode, String text) {
        return BinaryEncoder.connAck(new Frame.ConnAck(serverVersion, 0, reasonCode, "", "", 0));
    }

    @Override
    public byte[] write(Frame frame) {
        return switch (frame) {
            case Frame.ConnAck ack -> BinaryEncoder.connAck(ack);
            case Frame.SendAck ack -> BinaryEncoder.sendAck(ack);
            case Frame.Recv recv -> BinaryEncoder.recv(recv, layout, agreed(), shared);
            case Frame.Disconnect disconnect -> BinaryEncoder.disconnect(disconnect);
            case Frame.Event event -> BinaryEncoder.event(event);
            case Frame.Pong pong -> BinaryEncoder.pong();
            default ->
                throw new IllegalArgumentException(
                        "the server sends no " + frame.getClass().getSimpleName());
        };
    }

    @Override
    public boolean takesEvents() {
        return layout.hasEvents();
    }

    @Override
    public boolean isText() {
        return false;
    }

    private Optional<Frame> next() {
        if (stage == Stage.ASKED || unread.size() == 0) {
            return Optional.empty();
        }
        int type = unread.at(0) >> 4;
        if (stage == Stage.NEW && type != FrameType.CONNECT) {
            throw new WireException("the first frame must be CONNECT, not one of type " + type);
        }
        return switch (type) {
            case FrameType.PING -> Optional.of(single(PING));
            case FrameType.PONG -> Optional.of(single(IGNORED));
            default -> withBody(type);
        };
    }

    private Frame single(Frame frame) {
        unread.skip(1);
        return frame;
    }

    private Optional<Frame> withBody(int type) {
        if (type == 0 || type > FrameType.EVENT) {
            throw new WireException("there is no frame type " + type);
        }
        int length = 0;
        for (int at = 1; at <= MAX_LENGTH_BYTES && at < unread.size(); at++) {
            int group = unread.at(at);
            length |= (group & 0x7f) << (7 * (at - 1));
            if (group < 0x80) {
                return body(type, at + 1, length);
            }
        }
        if (unread.size() > MAX_LENGTH_BYTES) {
            throw new WireException("a frame's length has more than " + MAX_LENGTH_BYTES + " bytes");
        }
        return Optional.empty();
    }

    private Optional<Frame> body(int type, int headerBytes, int length) {
        if (length > maxFrameBytes) {
            throw new WireException("a frame has " + length + " bytes, the limit is " + maxFrameBytes);
        }
        if (unread.size() < headerBytes + length) {
            return Optional.empty();
        }
        int flags = unread.at(0) & 0x0f;
        unread.skip(headerBytes);
        ByteBuffer body = unread.take(length);
        return Optional.of(stage == Stage.NEW ? connect(body) : open(type, flags, body));
    }

    private Frame connect(ByteBuffer body) {
        Frame.Connect connect = BinaryDecoder.connect(new FieldReader("CONNECT", body));
        layout = new Layout(connect.agreed());
        serverVersion = connect.serverVersion();
        stage = Stage.ASKED;
        return connect;
    }

    private Frame open(int type, int flags, ByteBuffer body) {
        return switch (type) {
            case FrameType.SEND -> BinaryDecoder.send(flags, new FieldReader("SEND", body), layout, agreed());
            case FrameType.RECVACK -> BinaryDecoder.recvAck(flags, new FieldReader("RECVACK", body));
            default -> IGNORED;
        };
    }

    private Encryption agreed() {
        if (encryption == null) {
            throw new IllegalStateException("no CONNECT was accepted");
        }
        return encryption;
    }
}
