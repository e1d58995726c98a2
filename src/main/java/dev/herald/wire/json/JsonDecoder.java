package dev.herald.wire.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery.Header;
import dev.herald.model.DeviceFlag;
import dev.herald.model.Payload;
import dev.herald.model.Setting;
import dev.herald.model.Uid;
import dev.herald.wire.Frame;
import dev.herald.wire.Unsigned;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** The {@code params} of the methods that clients call (wukong-interfaces section 2.2). */
final class JsonDecoder {
    private JsonDecoder() {}

    /** Version 0 or none means the newest. */
    static Frame.Connect connect(JsonFields params) {
        int version = (int) params.number("version", Unsigned.MAX_8, 0);
        return new Frame.Connect(
                version == 0 ? Frame.NEWEST_VERSION : version,
                (int) params.number("deviceFlag", DeviceFlag.MAX, DeviceFlag.APP),
                params.text("deviceId", ""),
                params.text("uid"),
                params.text("token", ""),
                params.number("clientTimestamp", Long.MAX_VALUE, 0),
                params.text("clientKey", ""));
    }

    static Frame.Send send(JsonFields params, long clientSeq) {
        return new Frame.Send(
                header(params),
                setting(params.object("setting")),
                clientSeq,
                params.text("clientMsgNo", ""),
                new ChannelKey(params.text("channelId"), (int) params.number("channelType", Unsigned.MAX_8)),
                params.number("expire", Unsigned.MAX_32, 0),
                params.text("topic", ""),
                payload(params));
    }

    static Frame.RecvAck recvAck(JsonFields params) {
        String messageId = params.text("messageId");
        try {
            return new Frame.RecvAck(
                    header(params), Long.parseLong(messageId), params.number("messageSeq", Unsigned.MAX_32, 0));
        } catch (NumberFormatException e) {
            throw params.bad("messageId", "must be a number in a string");
        }
    }

    /** Each once; empty if the client names none. */
    static Optional<Set<String>> users(JsonFields params) {
        Optional<JsonNode> users = params.get("users");
        users.ifPresent(array -> {
            if (!array.isArray() || array.isEmpty() || array.size() > Frame.Watch.MAX_USERS) {
                throw params.bad("users", "must be an array of 1 to " + Frame.Watch.MAX_USERS + " uids");
            }
        });
        return users.map(array -> {
            Set<String> uids = new LinkedHashSet<>();
            for (JsonNode uid : array) {
                String problem = uid.isTextual() ? Uid.problem(uid.textValue()) : "must be a string";
                if (!problem.isEmpty()) {
                    throw params.bad("users[" + uids.size() + "]", problem);
                }
                uids.add(uid.textValue());
            }
            return uids;
        });
    }

    private static Header header(JsonFields params) {
        JsonFields header = params.object("header");
        return new Header(header.flag("noPersist"), header.flag("redDot"), header.flag("syncOnce"));
    }

    private static int setting(JsonFields setting) {
        return (setting.flag("receipt") ? Setting.RECEIPT : 0)
                | (setting.flag("signal") ? Setting.SIGNAL : 0)
                | (setting.flag("topic") ? Setting.TOPIC : 0)
                | (setting.flag("stream") ? Setting.STREAM : 0);
    }

    /** Base64 text; an object, which the documentation shows, stands for its JSON. */
    private static Payload payload(JsonFields params) {
        JsonNode payload = params.get("payload").orElseThrow(() -> params.bad("payload", "is missing"));
        if (payload.isObject()) {
            return Payload.of(payload.toString());
        }
        try {
            if (payload.isTextual()) {
                return Payload.of(Base64.getDecoder().decode(payload.textValue().getBytes(UTF_8)));
            }
        } catch (IllegalArgumentException e) {
            // Told below, as for any other type.
        }
        throw params.bad("payload", "must be a base64 string");
    }
}
