package dev.herald.it;

import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import dev.herald.model.Payload;
import dev.herald.model.Reason;
import dev.herald.wire.Frame;
import dev.herald.wire.json.JsonClientCodec;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/** Thousands of devices that stay where they are and acknowledge nothing; what becomes of them is counted. */
final class Crowd implements AutoCloseable {
    /** The answer to who subscribes to a thousand users is longer than Vert.x' clients take by default. */
    private static final int MAX_FRAME = 1 << 20;

    private static final int AT_ONCE = 64;
    private static final long AGAIN_MILLIS = 200;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Vertx vertx;
    private final WebSocketClient client;
    private final List<WebSocket> sockets = new CopyOnWriteArrayList<>();
    private final Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();
    private final AtomicInteger gone = new AtomicInteger();

    private Crowd(Vertx vertx) {
        this.vertx = vertx;
        client = client(vertx);
    }

    static WebSocketClient client(Vertx vertx) {
        return vertx.createWebSocketClient(
                new WebSocketClientOptions().setMaxConnections(10_000).setMaxFrameSize(MAX_FRAME));
    }

    /** One device for each user; answers when all are connected. */
    static Crowd connect(Vertx vertx, String url, List<String> uids, int flag) {
        Crowd crowd = new Crowd(vertx);
        Iterator<String> left = List.copyOf(uids).iterator();
        for (int i = 0; i < AT_ONCE; i++) {
            crowd.next(url, left, flag);
        }
        Awaitility.await().atMost(PATIENCE).until(() -> crowd.sockets.size() == uids.size());
        return crowd;
    }

    /** Connects one device; answers with its socket when it was welcomed. */
    static Future<WebSocket> enter(WebSocketClient client, String url, String uid, int flag, String device) {
        URI to = URI.create(url);
        JsonClientCodec codec = new JsonClientCodec();
        Promise<WebSocket> welcomed = Promise.promise();
        client.connect(new WebSocketConnectOptions()
                        .setHost(to.getHost())
                        .setPort(to.getPort())
                        .setURI("/"))
                .onFailure(welcomed::tryFail)
                .onSuccess(socket -> {
                    socket.exceptionHandler(cause -> {});
                    socket.closeHandler(closed -> welcomed.tryFail("closed before it was welcomed"));
                    socket.textMessageHandler(text -> {
                        if (codec.decode(text.getBytes(StandardCharsets.UTF_8)) instanceof Frame.ConnAck ack
                                && ack.reasonCode() == Reason.SUCCESS.code()) {
                            welcomed.tryComplete(socket);
                        }
                    });
                    socket.writeTextMessage(text(codec, new Frame.Connect(5, flag, device, uid, "", 0, "")));
                });
        return welcomed.future();
    }

    /** How many connections ended. */
    int gone() {
        return gone.get();
    }

    /** Client sequences of the messages that were acknowledged. */
    Set<Integer> acknowledged() {
        return acknowledged;
    }

    /** Every device sends one message. */
    void send(ChannelKey to, int sequence, String text) {
        for (int i = 0; i < sockets.size(); i++) {
            Frame.Send send = new Frame.Send(
                    Delivery.Header.PLAIN,
                    0,
                    sequence + i,
                    text + "-" + i,
                    to,
                    0,
                    "",
                    Payload.of("{\"type\":1,\"content\":\"%s\"}".formatted(text)));
            sockets.get(i).writeTextMessage(text(new JsonClientCodec(), send));
        }
    }

    void leave() {
        sockets.forEach(WebSocket::close);
    }

    @Override
    public void close() {
        leave();
        client.close();
    }

    private void next(String url, Iterator<String> left, int flag) {
        String uid;
        synchronized (left) {
            if (!left.hasNext()) {
                return;
            }
            uid = left.next();
        }
        come(url, uid, flag).onSuccess(socket -> {
            join(socket);
            next(url, left, flag);
        });
    }

    /** Who is told "later" comes again. */
    private Future<WebSocket> come(String url, String uid, int flag) {
        return enter(client, url, uid, flag, uid + "-" + flag)
                .recover(cause ->
                        vertx.timer(AGAIN_MILLIS, TimeUnit.MILLISECONDS).compose(passed -> come(url, uid, flag)));
    }

    private void join(WebSocket socket) {
        JsonClientCodec codec = new JsonClientCodec();
        socket.closeHandler(closed -> gone.incrementAndGet());
        socket.textMessageHandler(text -> {
            if (codec.decode(text.getBytes(StandardCharsets.UTF_8)) instanceof Frame.SendAck ack
                    && ack.reasonCode() == Reason.SUCCESS.code()) {
                acknowledged.add((int) ack.clientSeq());
            }
        });
        sockets.add(socket);
    }

    private static String text(JsonClientCodec codec, Frame frame) {
        return new String(codec.encode(frame), StandardCharsets.UTF_8);
    }
}
