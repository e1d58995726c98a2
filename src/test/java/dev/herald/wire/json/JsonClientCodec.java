package dev.herald.wire.json;

import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Payload;
import dev.herald.model.Setting;
import dev.herald.wire.Frame;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/** A client of JSON-RPC: a request's id is its client sequence, that of connect is "connect" and that of ping "ping". */
public final class JsonClientCodec {
    /** How the ids of requests about presence begin. */
    public static final String WATCH = "watch";

    public byte[] encode(Frame frame) {
        return switch (frame) {
            case Frame.Connect connect -> connect(connect);
            case Frame.Send send -> send(send);
            case Frame.RecvAck ack ->
                message("recvack")
                        .put(
                                "params",
                                new JsonObject()
                                        .put("header", header(ack.header()))
                                        .put("messageId", Long.toString(ack.messageId()))
                                        .put("messageSeq", ack.messageSeq()))
                        .toBuffer()
                        .getBytes();
            case Frame.Watch watch -> watch(watch);
            case Frame.Ping ping -> message("ping").put("id", "ping").toBuffer().getBytes();
            default -> throw new IllegalArgumentException("a client sends no " + frame);
        };
    }

    /** @param message exactly one object; an error is a {@link Frame.BadRequest}, whatever its code */
    public Frame decode(byte[] message) {
        JsonObject json = new JsonObject(Buffer.buffer(message));
        if (!"2.0".equals(json.getString("jsonrpc"))) {
            throw new IllegalStateException("not JSON-RPC 2.0: " + json);
        }
        if (json.containsKey("error")) {
            return new Frame.BadRequest(
                    json.getString("id", ""), json.getJsonObject("error").getString("message"));
        }
        if (json.containsKey("id")) {
            return answer(json.getString("id"), json);
        }
        JsonObject params = json.getJsonObject("params");
        return switch (json.getString("method")) {
            case "recv" -> recv(params);
            case "disconnect" -> new Frame.Disconnect(params.getInteger("reasonCode"), params.getString("reason"));
            case "event" ->
                new Frame.Event(
                        params.getString("id"),
                        params.getString("type"),
                        params.getLong("timestamp"),
                        Payload.of(params.getString("data")));
            default -> throw new IllegalStateException("not for clients: " + json);
        };
    }

    private static byte[] connect(Frame.Connect connect) {
        JsonObject params = new JsonObject()
                .put("version", connect.version())
                .put("deviceFlag", connect.deviceFlag())
                .put("deviceId", connect.deviceId())
                .put("uid", connect.uid())
                .put("token", connect.token())
                .put("clientTimestamp", connect.clientTimestampMillis())
                .put("clientKey", connect.clientKey());
        return message("connect")
                .put("id", "connect")
                .put("params", params)
                .toBuffer()
                .getBytes();
    }

    private static byte[] watch(Frame.Watch watch) {
        JsonObject message =
                message(watch.question().name().toLowerCase(Locale.ROOT)).put("id", watch.requestId());
        watch.users()
                .ifPresent(users ->
                        message.put("params", new JsonObject().put("users", new JsonArray(List.copyOf(users)))));
        return message.toBuffer().getBytes();
    }

    private static byte[] send(Frame.Send send) {
        JsonObject setting = new JsonObject()
                .put("receipt", (send.setting() & Setting.RECEIPT) != 0)
                .put("signal", (send.setting() & Setting.SIGNAL) != 0)
                .put("stream", (send.setting() & Setting.STREAM) != 0)
                .put("topic", (send.setting() & Setting.TOPIC) != 0);
        JsonObject params = new JsonObject()
                .put("header", header(send.header()))
                .put("setting", setting)
                .put("expire", send.expireSeconds())
                .put("clientMsgNo", send.clientMsgNo())
                .put("channelId", send.channel().id())
                .put("channelType", send.channel().type())
                .put("topic", send.topic())
                .put(
                        "payload",
                        Base64.getEncoder().encodeToString(send.payload().bytes()));
        return message("send")
                .put("id", Long.toString(send.clientSeq()))
                .put("params", params)
                .toBuffer()
                .getBytes();
    }

    private static Frame answer(String id, JsonObject json) {
        JsonObject result = json.getJsonObject("result");
        if (result == null) {
            return new Frame.Pong();
        }
        int reasonCode = result.getInteger("reasonCode");
        if (id.startsWith(WATCH)) {
            return new Frame.Result(id, result.encode());
        }
        if (id.equals("connect")) {
            return new Frame.ConnAck(
                    result.getInteger("serverVersion", 0),
                    result.getLong("timeDiff", 0L),
                    reasonCode,
                    result.getString("serverKey", ""),
                    result.getString("salt", ""),
                    result.getLong("nodeId"));
        }
        return new Frame.SendAck(
                header(result),
                Long.parseLong(result.getString("messageId")),
                Long.parseLong(id),
                result.getLong("messageSeq"),
                reasonCode);
    }

    private static Frame recv(JsonObject params) {
        JsonObject setting = params.getJsonObject("setting", new JsonObject());
        int bits = (setting.getBoolean("receipt", false) ? Setting.RECEIPT : 0)
                | (setting.getBoolean("signal", false) ? Setting.SIGNAL : 0)
                | (setting.getBoolean("stream", false) ? Setting.STREAM : 0)
                | (setting.getBoolean("topic", false) ? Setting.TOPIC : 0);
        return new Frame.Recv(
                header(params),
                params.getJsonObject("header", new JsonObject()).getBoolean("dup", false),
                bits,
                params.getString("fromUid"),
                new ChannelKey(params.getString("channelId"), params.getInteger("channelType")),
                params.getLong("expire", 0L),
                params.getString("clientMsgNo"),
                Long.parseLong(params.getString("messageId")),
                params.getLong("messageSeq"),
                params.getLong("timestamp"),
                params.getString("topic", ""),
                Payload.of(Base64.getDecoder().decode(params.getString("payload"))));
    }

    private static JsonObject message(String method) {
        return new JsonObject().put("jsonrpc", "2.0").put("method", method);
    }

    private static JsonObject header(Header header) {
        return new JsonObject()
                .put("noPersist", header.noPersist())
                .put("redDot", header.redDot())
                .put("syncOnce", header.syncOnce());
    }

    private static Header header(JsonObject holder) {
        JsonObject header = holder.getJsonObject("header", new JsonObject());
        return new Header(
                header.getBoolean("noPersist", false),
                header.getBoolean("redDot", false),
                header.getBoolean("syncOnce", false));
    }
}
