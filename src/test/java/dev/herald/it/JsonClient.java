package dev.herald.it;

import dev.herald.wire.Frame;
import dev.herald.wire.JsonClientCodec;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;

/** A device over JSON-RPC that acknowledges what it receives, and remembers it in order. */
public final class JsonClient implements AutoCloseable {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Duration WITHIN = Duration.ofSeconds(40);

    private final JsonClientCodec codec = new JsonClientCodec();
    private final List<Frame.Recv> received = new CopyOnWriteArrayList<>();
    private final WebSocket socket;
    private volatile boolean connected;

    private JsonClient(String url) {
        socket = HTTP.newWebSocketBuilder()
                .buildAsync(URI.create(url), new Listener())
                .join();
    }

    /** Comes again if it is told "later". */
    public static JsonClient connect(String url, String uid, int deviceFlag) {
        return Awaitility.await()
                .atMost(WITHIN.multipliedBy(2))
                .until(() -> ask(url, uid, deviceFlag), client -> client.connected);
    }

    private static JsonClient ask(String url, String uid, int deviceFlag) {
        JsonClient client = new JsonClient(url);
        client.send(new Frame.Connect(5, deviceFlag, uid + deviceFlag, uid, "", 0, ""));
        Awaitility.await().atMost(WITHIN).until(() -> client.connected || client.isClosed());
        return client;
    }

    /** The commands so far, each as its inbox sequence and its JSON. */
    public List<String> commands() {
        return received.stream()
                .filter(recv -> recv.header().syncOnce())
                .map(recv -> recv.messageSeq() + " " + recv.payload().text())
                .toList();
    }

    /** The ids of the commands so far. */
    public List<Long> commandIds() {
        return received.stream()
                .filter(recv -> recv.header().syncOnce())
                .map(Frame.Recv::messageId)
                .toList();
    }

    /** The server closed it. */
    public boolean isClosed() {
        return socket.isInputClosed();
    }

    @Override
    public void close() {
        socket.abort();
    }

    public void send(Frame frame) {
        socket.sendText(new String(codec.encode(frame), StandardCharsets.UTF_8), true)
                .join();
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            text.append(data);
            webSocket.request(1);
            if (!last) {
                return null;
            }
            Frame frame = codec.decode(text.toString().getBytes(StandardCharsets.UTF_8));
            text.setLength(0);
            if (frame instanceof Frame.ConnAck) {
                connected = true;
            }
            if (frame instanceof Frame.Recv recv) {
                received.add(recv);
                byte[] ack = codec.encode(new Frame.RecvAck(recv.header(), recv.messageId(), recv.messageSeq()));
                return webSocket.sendText(new String(ack, StandardCharsets.UTF_8), true);
            }
            return null;
        }
    }
}
