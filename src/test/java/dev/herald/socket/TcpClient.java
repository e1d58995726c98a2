package dev.herald.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.model.Reason;
import dev.herald.wire.Frame;
import dev.herald.wire.binary.ClientCodec;
import dev.herald.wire.json.JsonClientCodec;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/** A client of either protocol over plain TCP, which takes the server's stream apart itself. */
final class TcpClient {
    final List<Frame> received = new CopyOnWriteArrayList<>();
    final NetSocket socket;

    /** A client that nothing refers to is closed, and its sockets with it. */
    private final NetClient client;

    private final Function<Frame, byte[]> encoder;
    private final Function<byte[], Frame> decoder;
    private final Function<String, Frame.Connect> connect;
    private final ToIntFunction<Buffer> length;
    private Buffer unread = Buffer.buffer();
    private volatile boolean closed;

    private TcpClient(
            SocketNode node,
            Function<String, Frame.Connect> connect,
            Function<Frame, byte[]> encoder,
            Function<byte[], Frame> decoder,
            ToIntFunction<Buffer> length) {
        this.connect = connect;
        this.encoder = encoder;
        this.decoder = decoder;
        this.length = length;
        client = node.vertx.createNetClient(new NetClientOptions().setTcpNoDelay(true));
        socket = SocketNode.await(client.connect(node.tcpPort, "127.0.0.1").onSuccess(live -> {
            live.handler(this::take);
            live.closeHandler(v -> closed = true);
        }));
    }

    static TcpClient binary(SocketNode node, int version) {
        ClientCodec codec = new ClientCodec(version);
        return new TcpClient(
                node,
                uid -> codec.connect(0, "d-" + uid, uid, "t", 1),
                codec::encode,
                codec::decode,
                TcpClient::frameLength);
    }

    static TcpClient json(SocketNode node) {
        JsonClientCodec codec = new JsonClientCodec();
        return new TcpClient(
                node,
                uid -> new Frame.Connect(5, 0, "d-" + uid, uid, "t", 1, ""),
                codec::encode,
                codec::decode,
                TcpClient::objectLength);
    }

    Frame.Connect connectFrame(String uid) {
        return connect.apply(uid);
    }

    TcpClient login(String uid) {
        send(connectFrame(uid));
        assertThat(next(0, Frame.ConnAck.class).reasonCode()).isEqualTo(Reason.SUCCESS.code());
        return this;
    }

    byte[] encode(Frame frame) {
        return encoder.apply(frame);
    }

    void send(Frame frame) {
        raw(encode(frame));
    }

    void raw(byte[] bytes) {
        SocketNode.await(socket.write(Buffer.buffer(bytes)));
    }

    <T extends Frame> T next(int index, Class<T> type) {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> received.size() > index || closed);
        assertThat(received).hasSizeGreaterThan(index);
        assertThat(received.get(index)).isInstanceOf(type);
        return type.cast(received.get(index));
    }

    boolean isClosed() {
        return closed;
    }

    void awaitClosed() {
        await().pollInterval(Duration.ofMillis(5)).until(() -> closed);
    }

    private void take(Buffer bytes) {
        unread.appendBuffer(bytes);
        for (int next = length.applyAsInt(unread); next > 0; next = length.applyAsInt(unread)) {
            received.add(decoder.apply(unread.getBytes(0, next)));
            unread = unread.getBuffer(next, unread.length());
        }
    }

    /** Of the frame that it begins with; 0 if that is not whole. */
    private static int frameLength(Buffer stream) {
        if (stream.length() > 0 && stream.getUnsignedByte(0) >> 4 == 8) {
            return 1;
        }
        int body = 0;
        for (int at = 1; at < stream.length(); at++) {
            body |= (stream.getByte(at) & 0x7f) << (7 * (at - 1));
            if (stream.getByte(at) >= 0) {
                return stream.length() >= at + 1 + body ? at + 1 + body : 0;
            }
        }
        return 0;
    }

    private static int objectLength(Buffer stream) {
        int depth = 0;
        boolean quoted = false;
        for (int at = 0; at < stream.length(); at++) {
            char c = (char) stream.getByte(at);
            quoted ^= c == '"' && stream.getByte(at - 1) != '\\';
            depth += quoted || (c != '{' && c != '}') ? 0 : c == '{' ? 1 : -1;
            if (depth == 0) {
                return at + 1;
            }
        }
        return 0;
    }
}
