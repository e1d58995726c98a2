package dev.herald.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Payload;
import dev.herald.model.Reason;
import dev.herald.wire.Frame;
import dev.herald.wire.binary.ClientCodec;
import dev.herald.wire.json.JsonClientCodec;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketFrame;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A client of either protocol over a real WebSocket. */
final class TestClient {
    final List<Frame> received = new CopyOnWriteArrayList<>();
    final AtomicReference<@Nullable Throwable> broken = new AtomicReference<>();
    final WebSocket socket;
    /** A client that nothing refers to is closed, and its sockets with it. */
    private final WebSocketClient client;

    private final Function<Frame, byte[]> encoder;
    private final Function<String, Frame.Connect> connect;
    private final boolean text;
    private volatile boolean closed;

    private TestClient(
            SocketNode node,
            boolean text,
            Function<String, Frame.Connect> connect,
            Function<Frame, byte[]> encoder,
            Function<byte[], Frame> decoder) {
        this.text = text;
        this.connect = connect;
        this.encoder = encoder;
        WebSocketClientOptions options = new WebSocketClientOptions().setMaxFrameSize(8 << 20);
        this.client = node.vertx.createWebSocketClient(options);
        this.socket = SocketNode.await(
                client.connect(node.port, "127.0.0.1", "/any/path").onSuccess(live -> {
                    live.frameHandler(frame -> take(frame, decoder));
                    live.closeHandler(v -> closed = true);
                }));
    }

    static TestClient binary(SocketNode node, int version) {
        ClientCodec codec = new ClientCodec(version);
        return new TestClient(
                node, false, uid -> codec.connect(1, "d-" + uid, uid, "t", 1), codec::encode, codec::decode);
    }

    static TestClient json(SocketNode node) {
        JsonClientCodec codec = new JsonClientCodec();
        return new TestClient(
                node, true, uid -> new Frame.Connect(5, 1, "d-" + uid, uid, "t", 1, ""), codec::encode, codec::decode);
    }

    Frame.Connect connectFrame(String uid) {
        return connect.apply(uid);
    }

    /** Connects and waits for the CONNACK. */
    TestClient login(String uid) {
        send(connectFrame(uid));
        assertThat(next(0, Frame.ConnAck.class).reasonCode()).isEqualTo(Reason.SUCCESS.code());
        return this;
    }

    void send(Frame frame) {
        raw(encoder.apply(frame));
    }

    void raw(byte[] bytes) {
        Buffer buffer = Buffer.buffer(bytes);
        SocketNode.await(text ? socket.writeTextMessage(buffer.toString()) : socket.writeBinaryMessage(buffer));
    }

    byte[] encode(Frame frame) {
        return encoder.apply(frame);
    }

    /** The frame at this place, once it is here. */
    <T extends Frame> T next(int index, Class<T> type) {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> received.size() > index || closed || broken.get() != null);
        assertThat(broken.get()).isNull();
        assertThat(received).hasSizeGreaterThan(index);
        assertThat(received.get(index)).isInstanceOf(type);
        return type.cast(received.get(index));
    }

    int closeCode() {
        await().pollInterval(Duration.ofMillis(5)).until(() -> closed);
        return socket.closeStatusCode();
    }

    boolean isClosed() {
        return closed;
    }

    static Frame.Send message(long seq, String channel, int type) {
        return message(seq, channel, type, "c" + seq);
    }

    static Frame.Send message(long seq, String channel, int type, String clientMsgNo) {
        return new Frame.Send(
                Header.PLAIN, 0, seq, clientMsgNo, new ChannelKey(channel, type), 0, "", Payload.of("{\"type\":1}"));
    }

    private void take(WebSocketFrame frame, Function<byte[], Frame> decoder) {
        if (frame.isClose()) {
            return;
        }
        try {
            assertThat(frame.isFinal()).isTrue();
            assertThat(frame.isText()).isEqualTo(text);
            received.add(decoder.apply(frame.binaryData().getBytes()));
        } catch (RuntimeException | AssertionError e) {
            broken.set(e);
        }
    }
}
