package dev.herald.socket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Payload;
import dev.herald.wire.Frame;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketFrame;

/** A client over a real WebSocket. */
final class TestClient extends FrameClient<TestClient> {
    final WebSocket socket;
    /** A client that nothing refers to is closed, and its sockets with it. */
    private final WebSocketClient client;

    TestClient(SocketNode node, Dialect dialect) {
        super(dialect);
        WebSocketClientOptions options = new WebSocketClientOptions().setMaxFrameSize(8 << 20);
        this.client = node.vertx.createWebSocketClient(options);
        this.socket = SocketNode.await(
                client.connect(node.port, "127.0.0.1", "/any/path").onSuccess(live -> {
                    live.frameHandler(this::take);
                    live.closeHandler(v -> gone());
                }));
    }

    @Override
    void raw(byte[] bytes) {
        Buffer buffer = Buffer.buffer(bytes);
        SocketNode.await(isText() ? socket.writeTextMessage(buffer.toString()) : socket.writeBinaryMessage(buffer));
    }

    int closeCode() {
        awaitClosed();
        return socket.closeStatusCode();
    }

    static Frame.Send message(long seq, String channel, int type) {
        return message(seq, channel, type, "c" + seq);
    }

    static Frame.Send message(long seq, String channel, int type, String clientMsgNo) {
        return new Frame.Send(
                Header.PLAIN, 0, seq, clientMsgNo, new ChannelKey(channel, type), 0, "", Payload.of("{\"type\":1}"));
    }

    private void take(WebSocketFrame frame) {
        if (!frame.isClose()) {
            check(() -> {
                assertThat(frame.isFinal()).isTrue();
                assertThat(frame.isText()).isEqualTo(isText());
            });
            take(frame.binaryData().getBytes());
        }
    }
}
