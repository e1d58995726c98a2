package dev.herald.api.send;

import dev.herald.api.channel.ChannelFields;
import dev.herald.api.channel.ChannelName;
import dev.herald.api.http.Fields;
import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.bus.message.SocketMessage;
import dev.herald.command.NewCommand;
import dev.herald.model.ChannelKey;
import dev.herald.model.ClientMsgNo;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Expiry;
import dev.herald.model.Payload;
import dev.herald.model.Setting;
import dev.herald.model.Uid;
import io.vertx.core.json.JsonArray;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a back end asks to be sent (wukong-interfaces section 3.4).
 *
 * @param setting bits of wukong-interfaces section 1.5
 * @param clientMsgNo made here if the caller gave none
 * @param coalesceKey a later stored command with the same key makes this one needless; null if none does
 */
record SendRequest(
        Header header,
        String clientMsgNo,
        String fromUid,
        Target target,
        int setting,
        long expireSeconds,
        String topic,
        Payload payload,
        @Nullable String coalesceKey) {
    private static final int MAX_SETTING = 255;
    private static final int MAX_TOPIC_BYTES = 255;
    private static final int MAX_COALESCE_BYTES = 128;
    private static final int MAX_BATCH = 10_000;

    /** Whom it goes to. */
    sealed interface Target {
        record ToChannel(ChannelKey key) implements Target {}

        /** @param uids sorted */
        record ToUsers(List<String> uids) implements Target {}

        /** Each gets it as a person gets a message from the sender. */
        record ToEach(List<String> uids) implements Target {}
    }

    /** @param number for what is sent, if the request names none */
    static SendRequest read(Fields fields, String number) {
        Header header = header(fields);
        String from = fields.text("from_uid", Uid.MAX_BYTES).isEmpty() ? Uid.SYSTEM : fields.uid("from_uid");
        return read(fields, number, header, from, target(fields, header));
    }

    /** The same for many persons at once: sender and receivers are required. */
    static SendRequest readBatch(Fields fields, String number) {
        String from = fields.uid("from_uid");
        Target target = new Target.ToEach(List.copyOf(fields.requiredUids("subscribers", MAX_BATCH)));
        return read(fields, number, header(fields), from, target);
    }

    private static SendRequest read(Fields fields, String number, Header header, String from, Target target) {
        boolean stream = fields.flag("is_stream");
        if (stream && (header.noPersist() || header.syncOnce())) {
            fields.refuse("is_stream", "needs a stored message: header.no_persist and header.sync_once must be 0");
        }
        long expireSeconds = fields.number("expire", 0, Expiry.MAX_SECONDS, 0);
        String ownNumber = fields.text("client_msg_no", ClientMsgNo.MAX_BYTES);
        return new SendRequest(
                header,
                ownNumber.isEmpty() ? number : ownNumber,
                from,
                target,
                fields.integer("setting", 0, MAX_SETTING, 0) | (stream ? Setting.STREAM : 0),
                expireSeconds,
                fields.text("topic", MAX_TOPIC_BYTES),
                PayloadField.read(fields),
                coalesceKey(fields, header, expireSeconds));
    }

    private static Header header(Fields fields) {
        Fields header = fields.in("header");
        return new Header(header.flag("no_persist"), header.flag("red_dot"), header.flag("sync_once"));
    }

    private static @Nullable String coalesceKey(Fields fields, Header header, long expireSeconds) {
        String key = fields.text("coalesce_key", MAX_COALESCE_BYTES);
        if (!key.isEmpty() && !header.syncOnce()) {
            fields.refuse("coalesce_key", "needs header.sync_once 1");
        }
        if (!key.isEmpty() && expireSeconds > 0) {
            // One without an end would be dropped for one that is soon shown to nobody.
            fields.refuse("coalesce_key", "must be empty if there is expire");
        }
        if (key.startsWith(NewCommand.RESERVED_KEYS)) {
            fields.refuse("coalesce_key", "must not begin with " + NewCommand.RESERVED_KEYS);
        }
        return key.isEmpty() ? null : key;
    }

    private static Target target(Fields fields, Header header) {
        List<String> uids = ChannelFields.subscribers(fields).stream().sorted().toList();
        if (!(fields.raw("subscribers") instanceof JsonArray named) || named.isEmpty()) {
            return new Target.ToChannel(ChannelName.key(fields));
        }
        if (!header.syncOnce()) {
            fields.refuse("subscribers", "needs header.sync_once 1");
        }
        if (!fields.text("channel_id", Uid.MAX_BYTES).isEmpty()) {
            fields.refuse("channel_id", "must be empty if there are subscribers");
        }
        return new Target.ToUsers(uids);
    }

    /** This as a message to one channel; the back end's word is trusted. */
    SendMessage message(ChannelKey channel) {
        return new SendMessage(
                fromUid,
                SocketMessage.NO_SESSION,
                true,
                channel,
                clientMsgNo,
                header,
                setting,
                expireSeconds,
                topic,
                payload);
    }
}
