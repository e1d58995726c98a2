package dev.herald.wukong;

import dev.herald.model.Delivery;
import dev.herald.model.Uid;
import io.vertx.core.json.JsonObject;
import java.util.Base64;

/** The message object of WuKongIM's HTTP answers and webhooks (wukong-interfaces section 3.4). */
public final class MessageJson {
    private MessageJson() {}

    public static JsonObject of(Delivery message) {
        JsonObject json = new JsonObject()
                .put("header", header(message.header()))
                .put("setting", message.setting())
                .put("message_id", message.messageId())
                .put("message_idstr", Long.toString(message.messageId()))
                .put("client_msg_no", message.clientMsgNo())
                .put("message_seq", message.messageSeq())
                .put("from_uid", Uid.shown(message.fromUid()))
                .put("channel_id", message.channel().id())
                .put("channel_type", message.channel().type())
                .put("expire", message.expireSeconds())
                .put("timestamp", message.timestampSeconds())
                .put(
                        "payload",
                        Base64.getEncoder().encodeToString(message.payload().bytes()));
        if (!message.topic().isEmpty()) {
            json.put("topic", message.topic());
        }
        return json;
    }

    private static JsonObject header(Delivery.Header header) {
        return new JsonObject()
                .put("no_persist", bit(header.noPersist()))
                .put("red_dot", bit(header.redDot()))
                .put("sync_once", bit(header.syncOnce()));
    }

    private static int bit(boolean set) {
        return set ? 1 : 0;
    }
}
