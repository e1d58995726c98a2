package dev.herald.api;

import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Payload;
import dev.herald.model.Uid;
import io.vertx.core.json.JsonArray;
import java.util.List;
import java.util.UUID;

/**
 * What a back end asks to be sent (wukong-interfaces section 3.4).
 *
 * @param clientMsgNo made here if the caller gave none
 */
record SendRequest(
        Header header, String clientMsgNo, String fromUid, Target target, long expireSeconds, Payload payload) {
    private static final int MAX_NUMBER_BYTES = 255;
    private static final long MAX_EXPIRE = 0xffff_ffffL;

    /** Whom it goes to. */
    sealed interface Target {
        record ToChannel(ChannelKey key) implements Target {}

        /** @param uids sorted */
        record ToUsers(List<String> uids) implements Target {}
    }

    static SendRequest read(Fields fields) {
        Fields header = fields.in("header");
        Header flags = new Header(header.flag("no_persist"), header.flag("red_dot"), header.flag("sync_once"));
        String clientMsgNo = fields.text("client_msg_no", MAX_NUMBER_BYTES);
        return new SendRequest(
                flags,
                clientMsgNo.isEmpty() ? generatedNumber() : clientMsgNo,
                fields.text("from_uid", Uid.MAX_BYTES).isEmpty() ? Uid.SYSTEM : fields.uid("from_uid"),
                target(fields, flags),
                fields.number("expire", 0, MAX_EXPIRE, 0),
                PayloadField.read(fields));
    }

    private static Target target(Fields fields, Header header) {
        List<String> uids = ChannelFields.subscribers(fields).stream().sorted().toList();
        if (!(fields.raw("subscribers") instanceof JsonArray named) || named.isEmpty()) {
            return new Target.ToChannel(ChannelFields.key(fields));
        }
        if (!header.syncOnce()) {
            fields.refuse("subscribers", "needs header.sync_once 1");
        }
        if (!fields.text("channel_id", Uid.MAX_BYTES).isEmpty()) {
            fields.refuse("channel_id", "must be empty if there are subscribers");
        }
        return new Target.ToUsers(uids);
    }

    private static String generatedNumber() {
        return UUID.randomUUID().toString().replace("-", "");
    }
}
