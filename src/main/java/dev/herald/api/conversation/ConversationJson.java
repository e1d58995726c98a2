package dev.herald.api.conversation;

import dev.herald.api.message.MessageForms;
import dev.herald.conversation.Conversation;
import dev.herald.conversation.Conversation.Unread;
import dev.herald.model.Delivery;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** A conversation as WuKongIM shows it. */
final class ConversationJson {
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private ConversationJson() {}

    /** @param recents the newest first */
    static JsonObject of(Conversation conversation, String uid, List<Delivery> recents, MessageForms.Form form) {
        String channelId = conversation.channel().key().seenBy(uid);
        int type = conversation.channel().key().type();
        if (recents.isEmpty()) {
            return json(channelId, type).put("readed_to_msg_seq", conversation.readTo());
        }
        Delivery last = recents.getFirst();
        Unread unread = conversation.unread(last, uid);
        return json(channelId, type)
                .put("unread", unread.count())
                .put("timestamp", last.timestampSeconds())
                .put("last_msg_seq", last.messageSeq())
                .put("last_client_msg_no", last.clientMsgNo())
                .put("readed_to_msg_seq", unread.readTo())
                .put("version", last.timestampSeconds() * NANOS_PER_SECOND)
                .put("recents", form.array(recents));
    }

    /** With nothing in it. */
    static JsonObject json(String channelId, int channelType) {
        return new JsonObject()
                .put("channel_id", channelId)
                .put("channel_type", channelType)
                .put("unread", 0)
                .put("timestamp", 0)
                .put("last_msg_seq", 0)
                .put("last_client_msg_no", "")
                .put("offset_msg_seq", 0)
                .put("readed_to_msg_seq", 0)
                .put("version", 0)
                .put("recents", new JsonArray());
    }
}
