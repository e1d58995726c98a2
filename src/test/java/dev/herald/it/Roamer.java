package dev.herald.it;

import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import dev.herald.model.Payload;
import dev.herald.model.Reason;
import dev.herald.wire.Frame;
import dev.herald.wire.json.JsonClientCodec;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A device as good apps have it: it pings, comes back to any node when its connection ends, sends again what was not
 * acknowledged, acknowledges what it receives, and remembers all of it.
 */
final class Roamer implements AutoCloseable {
    private static final long PING_MILLIS = 1_000;
    private static final long SILENCE_MILLIS = 4_000;
    private static final int CONNECT_MILLIS = 2_000;
    private static final int LEAST_WAIT_MILLIS = 100;
    private static final int MORE_WAIT_MILLIS = 400;

    private final Vertx vertx;
    private final Context context;
    private final WebSocketClient client;
    private final Supplier<String> url;
    private final String uid;
    private final int flag;
    private final JsonClientCodec codec = new JsonClientCodec();
    private final Random random = new Random();

    private final Map<Long, AtomicInteger> commands = new ConcurrentHashMap<>();
    private final Map<Long, Integer> broughtBy = new ConcurrentHashMap<>();
    private final List<Repeat> repeats = new CopyOnWriteArrayList<>();
    private final Map<String, AtomicInteger> messages = new ConcurrentHashMap<>();
    private final List<String> texts = new CopyOnWriteArrayList<>();
    private final Map<String, Frame.Send> unanswered = new LinkedHashMap<>();
    private final Map<String, Long> sent = new ConcurrentHashMap<>();
    private final List<String> behind = new CopyOnWriteArrayList<>();
    private final Map<ChannelKey, Long> tails = new HashMap<>();
    private final List<Integer> refusals = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();

    private final Map<String, Boolean> seen = new ConcurrentHashMap<>();

    private WebSocket socket;
    private long admittedAt;
    private boolean watching;
    private long sequence;
    private long heardAt;
    private boolean closed;
    private volatile boolean connected;

    /**
     * A command that the device had already.
     *
     * @param sameConnection as had brought it before
     * @param afterMillis since the device was let in
     */
    record Repeat(long command, boolean sameConnection, long afterMillis) {}

    Roamer(Vertx vertx, WebSocketClient client, String uid, int flag, Supplier<String> url) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.client = client;
        this.uid = uid;
        this.flag = flag;
        this.url = url;
        context.runOnContext(go -> connect());
    }

    boolean isConnected() {
        return connected;
    }

    String uid() {
        return uid;
    }

    int flag() {
        return flag;
    }

    /** How often it was connected. */
    int connections() {
        return connections.get();
    }

    /** The commands that came, each with how often, by their ids. */
    Map<Long, AtomicInteger> commands() {
        return commands;
    }

    /** Commands that came again. */
    List<Repeat> repeats() {
        return repeats;
    }

    /** The messages that came, each with how often, by their client_msg_no. */
    Map<String, AtomicInteger> messages() {
        return messages;
    }

    /** The payloads of all that came, in order. */
    List<String> texts() {
        return texts;
    }

    /** Messages that came on their connection behind a later one of their channel. */
    List<String> behind() {
        return behind;
    }

    /** The sequences of the messages that were acknowledged, by their client_msg_no. */
    Map<String, Long> sent() {
        return sent;
    }

    /** The reasons of the SENDACKs that refused. */
    List<Integer> refusals() {
        return refusals;
    }

    /** Wants to know, on every connection, how those on its watch list stand. */
    Roamer watch() {
        context.runOnContext(go -> {
            watching = true;
            subscribe();
        });
        return this;
    }

    /** Those on its watch list who are online, by what it was told on its present connection. */
    Set<String> seen() {
        return seen.entrySet().stream()
                .filter(Map.Entry::getValue)
                .map(Map.Entry::getKey)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Sends until it is acknowledged. */
    void send(ChannelKey channel, String clientMsgNo) {
        context.runOnContext(go -> {
            Frame.Send send = new Frame.Send(
                    Delivery.Header.PLAIN,
                    0,
                    ++sequence,
                    clientMsgNo,
                    channel,
                    0,
                    "",
                    Payload.of("{\"type\":1,\"content\":\"%s\"}".formatted(clientMsgNo)));
            unanswered.put(clientMsgNo, send);
            if (connected) {
                write(send);
            }
        });
    }

    @Override
    public void close() {
        context.runOnContext(go -> {
            closed = true;
            if (socket != null) {
                socket.close();
            }
        });
    }

    private void connect() {
        if (closed) {
            return;
        }
        URI to = URI.create(url.get());
        WebSocketConnectOptions options = new WebSocketConnectOptions()
                .setHost(to.getHost())
                .setPort(to.getPort())
                .setURI("/")
                .setTimeout(CONNECT_MILLIS);
        client.connect(options).onSuccess(this::take).onFailure(cause -> later());
    }

    private void later() {
        if (!closed) {
            vertx.setTimer(LEAST_WAIT_MILLIS + random.nextInt(MORE_WAIT_MILLIS), timer -> connect());
        }
    }

    private void take(WebSocket made) {
        if (closed) {
            made.close();
            return;
        }
        socket = made;
        heardAt = System.currentTimeMillis();
        made.textMessageHandler(text -> {
            // A peer that was frozen may wake and go on writing to a connection that was given up.
            if (socket != made) {
                return;
            }
            heardAt = System.currentTimeMillis();
            hear(codec.decode(text.getBytes(StandardCharsets.UTF_8)));
        });
        made.exceptionHandler(cause -> {});
        long ping = vertx.setPeriodic(PING_MILLIS, timer -> {
            if (System.currentTimeMillis() - heardAt > SILENCE_MILLIS) {
                lose(made);
            } else if (connected) {
                write(new Frame.Ping());
            }
        });
        made.closeHandler(end -> {
            vertx.cancelTimer(ping);
            if (socket == made) {
                socket = null;
                connected = false;
                later();
            }
        });
        write(new Frame.Connect(5, flag, uid + "-" + flag, uid, "", 0, ""));
    }

    /** A frozen peer answers no closing handshake, so it is not waited for. */
    private void lose(WebSocket dead) {
        if (socket == dead) {
            socket = null;
            connected = false;
            later();
        }
        dead.close();
    }

    private void hear(Frame frame) {
        switch (frame) {
            case Frame.ConnAck ack -> admitted(ack);
            case Frame.SendAck ack -> answered(ack);
            case Frame.Result result ->
                new JsonObject(result.json()).getJsonArray("users").forEach(status -> see((JsonObject) status));
            case Frame.BadRequest bad -> vertx.setTimer(MORE_WAIT_MILLIS, timer -> subscribe());
            case Frame.Recv recv -> {
                if (watching && recv.header().noPersist()) {
                    see(recv);
                    return;
                }
                texts.add(recv.payload().text());
                if (recv.header().syncOnce()) {
                    count(commands, recv.messageId());
                    noteRepeat(recv.messageId());
                } else {
                    count(messages, recv.clientMsgNo());
                    note(recv);
                }
                write(new Frame.RecvAck(recv.header(), recv.messageId(), recv.messageSeq()));
            }
            default -> {}
        }
    }

    private void subscribe() {
        if (watching && connected) {
            write(new Frame.Watch(
                    JsonClientCodec.WATCH + ++sequence, Frame.Watch.Question.SUBSCRIBE, Optional.empty()));
        }
    }

    private void see(Frame.Recv recv) {
        JsonObject command = new JsonObject(recv.payload().text());
        if (command.getString("cmd").equals("onlineStatus")) {
            see(command.getJsonObject("param"));
        }
    }

    private void see(JsonObject status) {
        seen.put(status.getString("uid"), status.getInteger("online") == 1);
    }

    private void noteRepeat(long command) {
        Integer before = broughtBy.put(command, connections.get());
        if (before != null) {
            repeats.add(new Repeat(command, before == connections.get(), System.currentTimeMillis() - admittedAt));
        }
    }

    private void note(Frame.Recv recv) {
        long tail = tails.getOrDefault(recv.channel(), 0L);
        if (!recv.dup() && recv.messageSeq() <= tail) {
            behind.add(recv.channel() + " " + recv.messageSeq() + " behind " + tail);
        }
        tails.put(recv.channel(), Math.max(tail, recv.messageSeq()));
    }

    private void admitted(Frame.ConnAck ack) {
        if (ack.reasonCode() == Reason.SUCCESS.code()) {
            connected = true;
            tails.clear();
            seen.clear();
            subscribe();
            connections.incrementAndGet();
            admittedAt = System.currentTimeMillis();
            new ArrayList<>(unanswered.values()).forEach(this::write);
        }
    }

    private void answered(Frame.SendAck ack) {
        String number = unanswered.values().stream()
                .filter(send -> send.clientSeq() == ack.clientSeq())
                .map(Frame.Send::clientMsgNo)
                .findFirst()
                .orElse("");
        if (ack.reasonCode() == Reason.SUCCESS.code()) {
            unanswered.remove(number);
            sent.put(number, ack.messageSeq());
        } else {
            refusals.add(ack.reasonCode());
            Frame.Send again = unanswered.get(number);
            if (again != null) {
                vertx.setTimer(LEAST_WAIT_MILLIS + random.nextInt(MORE_WAIT_MILLIS), timer -> {
                    if (connected && unanswered.containsKey(number)) {
                        write(again);
                    }
                });
            }
        }
    }

    private void write(Frame frame) {
        if (socket != null && !socket.isClosed()) {
            socket.writeTextMessage(new String(codec.encode(frame), StandardCharsets.UTF_8));
        }
    }

    private static <K> void count(Map<K, AtomicInteger> counts, K key) {
        counts.computeIfAbsent(key, it -> new AtomicInteger()).incrementAndGet();
    }

    /** Names of what is not there. */
    static <K> List<K> missing(Iterable<K> wanted, Map<K, ?> there) {
        List<K> missing = new ArrayList<>();
        wanted.forEach(key -> {
            if (!there.containsKey(key)) {
                missing.add(key);
            }
        });
        return Collections.unmodifiableList(missing);
    }
}
