package dev.herald.it;

import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import dev.herald.model.Payload;
import dev.herald.model.Reason;
import dev.herald.wire.Frame;
import dev.herald.wire.binary.ClientCodec;
import dev.herald.wire.json.JsonClientCodec;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.awaitility.Awaitility;

/** A device of either protocol that acknowledges only what it is told to, or all that it receives. */
public final class Device implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final List<Frame> received = new CopyOnWriteArrayList<>();
    private final Function<Frame, byte[]> encoder;
    private final Function<byte[], Frame> decoder;
    private final boolean text;
    private final boolean eager;
    private final WebSocket socket;
    private int asked;

    enum Protocol {
        BINARY,
        JSON_RPC
    }

    private Device(
            String url,
            Protocol protocol,
            boolean eager,
            Function<Frame, byte[]> encoder,
            Function<byte[], Frame> decoder) {
        this.text = protocol == Protocol.JSON_RPC;
        this.eager = eager;
        this.encoder = encoder;
        this.decoder = decoder;
        this.socket = Reached.HTTP
                .newWebSocketBuilder()
                .buildAsync(URI.create(url), new Listener())
                .join();
    }

    /** Returns when it is connected; comes again if it is told "later". */
    static Device connect(Protocol protocol, String url, String uid, int flag) {
        return connect(protocol, false, url, uid, flag);
    }

    /** One of JSON-RPC that acknowledges all commands and messages. */
    public static Device eager(String url, String uid, int flag) {
        return connect(Protocol.JSON_RPC, true, url, uid, flag);
    }

    private static Device connect(Protocol protocol, boolean eager, String url, String uid, int flag) {
        return Awaitility.await()
                .atMost(PATIENCE.multipliedBy(2))
                .until(() -> ask(protocol, eager, url, uid, flag), Device::isConnected);
    }

    private static Device ask(Protocol protocol, boolean eager, String url, String uid, int flag) {
        String id = uid + "-" + flag;
        Device device;
        if (protocol == Protocol.BINARY) {
            ClientCodec codec = new ClientCodec(5);
            device = new Device(url, protocol, eager, codec::encode, codec::decode);
            device.send(codec.connect(flag, id, uid, "", 0));
        } else {
            JsonClientCodec codec = new JsonClientCodec();
            device = new Device(url, protocol, eager, codec::encode, codec::decode);
            device.send(new Frame.Connect(5, flag, id, uid, "", 0, ""));
        }
        Awaitility.await().atMost(PATIENCE).until(() -> device.isConnected() || device.isClosed());
        return device;
    }

    private boolean isConnected() {
        return received.stream()
                .anyMatch(frame -> frame instanceof Frame.ConnAck ack && ack.reasonCode() == Reason.SUCCESS.code());
    }

    /** The server closed it. */
    public boolean isClosed() {
        return socket.isInputClosed();
    }

    /** The stored commands so far, in the order of their arrival. */
    List<Frame.Recv> commands() {
        return received.stream()
                .filter(Frame.Recv.class::isInstance)
                .map(Frame.Recv.class::cast)
                .filter(recv -> recv.header().syncOnce() && !recv.header().noPersist())
                .toList();
    }

    /** The same, each as its inbox place and its JSON. */
    public List<String> told() {
        return commands().stream()
                .map(recv -> recv.messageSeq() + " " + recv.payload().text())
                .toList();
    }

    /** The inbox places of the first commands, once so many have come. */
    List<Long> places(int count) {
        Awaitility.await().atMost(PATIENCE).until(() -> commands().size() >= count);
        return commands().stream().map(Frame.Recv::messageSeq).toList();
    }

    /** Acknowledges commands by their order of arrival, counted from 1. */
    void acknowledge(int... numbers) {
        for (int number : numbers) {
            send(ackOf(commands().get(number - 1)));
        }
    }

    /** Writes to a person. */
    public void say(String uid) {
        send(new Frame.Send(
                Delivery.Header.PLAIN,
                0,
                ++asked,
                uid + "-" + asked,
                new ChannelKey(uid, ChannelKey.PERSON),
                0,
                "",
                Payload.of("{\"type\":1,\"content\":\"hi\"}")));
    }

    /** What it was told of users whom it watches, in the order of arrival. */
    List<JsonObject> statuses() {
        return received.stream()
                .filter(frame ->
                        frame instanceof Frame.Recv recv && recv.header().noPersist())
                .map(frame -> new JsonObject(((Frame.Recv) frame).payload().text()))
                .filter(command -> command.getString("cmd").equals("onlineStatus"))
                .map(command -> command.getJsonObject("param"))
                .toList();
    }

    /** The answer to a request about presence of JSON-RPC, or the text of its error in {@code error}. */
    JsonObject ask(Frame.Watch.Question question, String... users) {
        String id = JsonClientCodec.WATCH + ++asked;
        send(new Frame.Watch(
                id, question, users.length == 0 ? Optional.empty() : Optional.of(new LinkedHashSet<>(List.of(users)))));
        return Awaitility.await().atMost(PATIENCE).until(() -> answer(id), answer -> !answer.isEmpty());
    }

    private JsonObject answer(String id) {
        for (Frame frame : received) {
            if (frame instanceof Frame.Result result && result.requestId().equals(id)) {
                return new JsonObject(result.json());
            }
            if (frame instanceof Frame.BadRequest bad && bad.requestId().equals(id)) {
                return JsonObject.of("error", bad.text());
            }
        }
        return new JsonObject();
    }

    @Override
    public void close() {
        socket.abort();
    }

    private static Frame ackOf(Frame.Recv recv) {
        return new Frame.RecvAck(recv.header(), recv.messageId(), recv.messageSeq());
    }

    private void send(Frame frame) {
        write(socket, frame).join();
    }

    private CompletableFuture<WebSocket> write(WebSocket to, Frame frame) {
        byte[] bytes = encoder.apply(frame);
        return text
                ? to.sendText(new String(bytes, StandardCharsets.UTF_8), true)
                : to.sendBinary(ByteBuffer.wrap(bytes), true);
    }

    private final class Listener implements WebSocket.Listener {
        private byte[] begun = {};

        @Override
        public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            return take(webSocket, data.toString().getBytes(StandardCharsets.UTF_8), last);
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer data, boolean last) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            return take(webSocket, bytes, last);
        }

        private CompletionStage<?> take(WebSocket webSocket, byte[] bytes, boolean last) {
            byte[] whole = ByteBuffer.allocate(begun.length + bytes.length)
                    .put(begun)
                    .put(bytes)
                    .array();
            begun = last ? new byte[0] : whole;
            if (!last) {
                webSocket.request(1);
                return null;
            }
            Frame frame = decoder.apply(whole);
            received.add(frame);
            CompletableFuture<WebSocket> answered = eager && frame instanceof Frame.Recv recv
                    ? write(webSocket, ackOf(recv))
                    : CompletableFuture.completedFuture(webSocket);
            return answered.thenAccept(done -> webSocket.request(1));
        }
    }
}
