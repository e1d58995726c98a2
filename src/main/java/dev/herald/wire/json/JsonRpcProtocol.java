package dev.herald.wire.json;

import dev.herald.model.Reason;
import dev.herald.wire.Frame;
import dev.herald.wire.Frame.Watch.Question;
import dev.herald.wire.Protocol;
import dev.herald.wire.Stage;
import dev.herald.wire.Unread;
import dev.herald.wire.Utf8;
import dev.herald.wire.WireException;
import java.util.List;
import java.util.Optional;

/** JSON-RPC 2.0, never encrypted (wukong-interfaces section 2). */
public final class JsonRpcProtocol implements Protocol {
    /** Longest id of a request, in UTF-8 bytes: ids are remembered until they are answered. */
    static final int MAX_ID_BYTES = 256;

    private static final String NO_ID = "";

    private final SharedNotification shared;
    private final Unread unread;
    private final ObjectScanner scanner;
    private final OpenRequests open = new OpenRequests();
    private Stage stage = Stage.NEW;
    private String connectId = NO_ID;

    /**
     * @param maxMessageBytes bound of one JSON object
     * @param shared by the connections of one thread
     */
    public JsonRpcProtocol(int maxMessageBytes, SharedNotification shared) {
        this.shared = shared;
        this.unread = new Unread(maxMessageBytes);
        this.scanner = new ObjectScanner(maxMessageBytes);
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
        stage = Stage.OPEN;
        long timeDiff = nowMillis - connect.clientTimestampMillis();
        return new Frame.ConnAck(connect.serverVersion(), timeDiff, Reason.SUCCESS.code(), "", "", nodeId);
    }

    /** An {@code error}: clients take any {@code result} for success. */
    @Override
    public byte[] refuse(int reasonCode, String text) {
        return JsonEncoder.error(connectId, reasonCode, text);
    }

    @Override
    public byte[] write(Frame frame) {
        return switch (frame) {
            case Frame.ConnAck ack -> JsonEncoder.connected(connectId, ack);
            case Frame.SendAck ack -> JsonEncoder.sent(open.takeSend(ack.clientSeq()), ack);
            case Frame.Recv recv -> shared.of(recv);
            case Frame.Disconnect disconnect -> JsonEncoder.disconnect(disconnect);
            case Frame.Event event -> JsonEncoder.event(event);
            case Frame.Pong pong -> JsonEncoder.pong(open.takePing());
            case Frame.Result result -> JsonEncoder.result(result);
            case Frame.BadRequest bad -> JsonEncoder.error(bad.requestId(), 0, bad.text());
            default ->
                throw new IllegalArgumentException(
                        "the server sends no " + frame.getClass().getSimpleName());
        };
    }

    @Override
    public boolean takesEvents() {
        return true;
    }

    @Override
    public boolean isText() {
        return true;
    }

    /** Whether a byte means nothing between two messages. */
    public static boolean isBlank(int b) {
        return b == ' ' || b == '\t' || b == '\r' || b == '\n';
    }

    private Optional<Frame> next() {
        while (unread.size() > 0 && isBlank(unread.at(0))) {
            unread.skip(1);
        }
        if (stage == Stage.ASKED || unread.size() == 0) {
            return Optional.empty();
        }
        if (unread.at(0) != '{') {
            throw new WireException(unread.at(0) == '[' ? "batches are not supported" : "a message must be an object");
        }
        int length = scanner.end(unread);
        if (length == 0) {
            return Optional.empty();
        }
        JsonFields message = JsonFields.parse(Utf8.decode("a message", unread.take(length), length));
        return Optional.of(stage == Stage.NEW ? connect(message) : request(message));
    }

    private Frame connect(JsonFields message) {
        connectId = id(message);
        checkVersion(message);
        if (!message.text("method").equals("connect")) {
            throw new WireException("the first method must be connect");
        }
        require(connectId);
        Frame connect = JsonDecoder.connect(message.object("params"));
        stage = Stage.ASKED;
        return connect;
    }

    /** What is wrong with one request is answered, and the next one is read as if nothing had been. */
    private Frame request(JsonFields message) {
        String id = NO_ID;
        try {
            id = id(message);
            checkVersion(message);
            return call(id, message.text("method"), message.object("params"));
        } catch (WireException e) {
            return new Frame.BadRequest(id, String.valueOf(e.getMessage()));
        }
    }

    private Frame call(String id, String method, JsonFields params) {
        return switch (method) {
            case "send" -> {
                require(id);
                Frame.Send send = JsonDecoder.send(params, open.nextSeq());
                open.addSend(send.clientSeq(), id);
                yield send;
            }
            case "recvack" -> JsonDecoder.recvAck(params);
            case "ping" -> {
                require(id);
                open.addPing(id);
                yield new Frame.Ping();
            }
            case "disconnect" -> new Frame.Ignored();
            case "subscribe" -> watch(id, Question.SUBSCRIBE, params);
            case "unsubscribe" -> watch(id, Question.UNSUBSCRIBE, params);
            case "presence" -> watch(id, Question.PRESENCE, params);
            case "connect" -> throw new WireException("the connection is already connected");
            default ->
                throw new WireException(
                        "method must be one of send, recvack, ping, subscribe, unsubscribe, presence, disconnect");
        };
    }

    private static Frame watch(String id, Question question, JsonFields params) {
        require(id);
        return new Frame.Watch(id, question, JsonDecoder.users(params));
    }

    private static void require(String id) {
        if (id.isEmpty()) {
            throw new WireException("id is missing");
        }
    }

    private static String id(JsonFields message) {
        return message.text("id", MAX_ID_BYTES).orElse(NO_ID);
    }

    private static void checkVersion(JsonFields message) {
        if (!message.text("jsonrpc", "2.0").equals("2.0")) {
            throw new WireException("jsonrpc must be \"2.0\"");
        }
    }
}
