package dev.herald.wire.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Setting;
import dev.herald.wire.Frame;
import dev.herald.wire.Unsigned;
import java.util.Base64;

/** What the server says in JSON-RPC (wukong-interfaces section 2.2): optional fields that are empty are left out. */
final class JsonEncoder {
    private JsonEncoder() {}

    static byte[] connected(String id, Frame.ConnAck ack) {
        ObjectNode result = object();
        putUnlessZero(result, "serverVersion", ack.serverVersion());
        putUnlessZero(result, "timeDiff", ack.timeDiffMillis());
        return result(id, result.put("reasonCode", ack.reasonCode()).put("nodeId", ack.nodeId()));
    }

    static byte[] sent(String id, Frame.SendAck ack) {
        ObjectNode result = object();
        putHeader(result, ack.header(), false);
        result.put("messageId", Long.toString(ack.messageId()))
                .put("messageSeq", u32("messageSeq", ack.messageSeq()))
                .put("reasonCode", ack.reasonCode());
        return result(id, result);
    }

    /** An answer without a result, as the original gives it. */
    static byte[] pong(String id) {
        return bytes(message().put("id", id));
    }

    static byte[] result(Frame.Result result) {
        return bytes(message().put("id", result.requestId()).putRawValue("result", new RawValue(result.json())));
    }

    static byte[] recv(Frame.Recv recv) {
        ObjectNode params = object();
        putHeader(params, recv.header(), recv.dup());
        putSetting(params, recv.setting());
        putUnlessZero(params, "expire", recv.expireSeconds());
        params.put("messageId", Long.toString(recv.messageId()))
                .put("messageSeq", u32("messageSeq", recv.messageSeq()))
                .put("clientMsgNo", recv.clientMsgNo())
                .put("timestamp", recv.timestampSeconds())
                .put("channelId", recv.channel().id())
                .put("channelType", recv.channel().type());
        if (!recv.topic().isEmpty()) {
            params.put("topic", recv.topic());
        }
        params.put("fromUid", recv.fromUid())
                .put(
                        "payload",
                        Base64.getEncoder().encodeToString(recv.payload().bytes()));
        return notification("recv", params);
    }

    static byte[] disconnect(Frame.Disconnect disconnect) {
        return notification(
                "disconnect",
                object().put("reasonCode", disconnect.reasonCode()).put("reason", disconnect.reason()));
    }

    static byte[] event(Frame.Event event) {
        return notification(
                "event",
                object().put("id", event.id())
                        .put("type", event.type())
                        .put("timestamp", event.timestampMillis())
                        .put("data", event.data().text()));
    }

    /** @param id empty if the request had none that could be read: then it is null in the answer */
    static byte[] error(String id, int code, String text) {
        ObjectNode message = id.isEmpty() ? message().putNull("id") : message().put("id", id);
        message.putObject("error").put("code", code).put("message", text);
        return bytes(message);
    }

    private static byte[] result(String id, ObjectNode result) {
        return bytes(message().put("id", id).set("result", result));
    }

    private static byte[] notification(String method, ObjectNode params) {
        return bytes(message().put("method", method).set("params", params));
    }

    private static void putHeader(ObjectNode target, Header header, boolean dup) {
        if (dup || !header.equals(Header.PLAIN)) {
            ObjectNode object = target.putObject("header");
            putIf(object, "noPersist", header.noPersist());
            putIf(object, "redDot", header.redDot());
            putIf(object, "syncOnce", header.syncOnce());
            putIf(object, "dup", dup);
        }
    }

    private static void putSetting(ObjectNode target, int setting) {
        ObjectNode object = object();
        putIf(object, "receipt", (setting & Setting.RECEIPT) != 0);
        putIf(object, "signal", (setting & Setting.SIGNAL) != 0);
        putIf(object, "stream", (setting & Setting.STREAM) != 0);
        putIf(object, "topic", (setting & Setting.TOPIC) != 0);
        if (!object.isEmpty()) {
            target.set("setting", object);
        }
    }

    private static void putIf(ObjectNode target, String name, boolean set) {
        if (set) {
            target.put(name, true);
        }
    }

    private static void putUnlessZero(ObjectNode target, String name, long value) {
        if (value != 0) {
            target.put(name, value);
        }
    }

    /** The binary protocol's bound holds here too: clients take the field for an unsigned 32-bit number. */
    private static long u32(String field, long value) {
        return Unsigned.check(field, value, Unsigned.MAX_32);
    }

    private static ObjectNode message() {
        return object().put("jsonrpc", "2.0");
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** By way of text: it takes unpaired surrogates, which a writer of bytes refuses. */
    private static byte[] bytes(ObjectNode message) {
        return message.toString().getBytes(UTF_8);
    }
}
