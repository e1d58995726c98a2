package dev.herald.api.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.ApiServer;
import dev.herald.api.Chat;
import dev.herald.model.ChannelKey;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** What users see of their conversations, and say of them; by default of the group g1. */
public final class Conversed {
    private final ApiServer server;
    private final Chat chat;

    public Conversed(ApiServer server) {
        this.server = server;
        this.chat = new Chat(server);
    }

    void assertUnread(String uid, int unread, int readTo) {
        JsonObject conversation = sync(uid, 1).getJsonObject(0);
        assertThat(conversation.getInteger("unread")).isEqualTo(unread);
        assertThat(conversation.getInteger("readed_to_msg_seq")).isEqualTo(readTo);
    }

    void clearUnread(String uid) {
        chat.ok("/conversations/clearUnread", own(uid));
    }

    void setUnread(String uid, int unread) {
        chat.ok("/conversations/setUnread", own(uid).put("unread", unread));
    }

    static JsonObject own(String uid) {
        return JsonObject.of("uid", uid, "channel_id", "g1", "channel_type", 2);
    }

    static JsonObject members(String group, String uid) {
        return JsonObject.of("channel_id", group, "channel_type", 2, "subscribers", new JsonArray().add(uid));
    }

    static JsonObject uids(String uid) {
        return JsonObject.of("channel_id", "g1", "channel_type", 2, "uids", new JsonArray().add(uid));
    }

    public JsonArray sync(String uid, int count) {
        return sync(uid, JsonObject.of("msg_count", count));
    }

    public JsonArray sync(String uid, JsonObject wanted) {
        return server.post("/conversation/sync", wanted.copy().put("uid", uid).encode())
                .array();
    }

    JsonArray page(int page, int size) {
        return sync("u2", JsonObject.of("msg_count", 1, "page", page, "page_size", size));
    }

    public JsonArray byChannels(String uid, String channel, int type) {
        return server.post(
                        "/conversation/syncByChannels",
                        JsonObject.of(
                                        "uid",
                                        uid,
                                        "channels",
                                        new JsonArray().add(JsonObject.of("channel_id", channel, "channel_type", type)))
                                .encode())
                .array();
    }

    /** Of one channel. */
    public JsonArray messages(String uid, JsonObject channel) {
        JsonObject wanted = JsonObject.of("uid", uid, "channels", new JsonArray().add(channel));
        return server.post("/conversation/syncMessages", wanted.encode()).array();
    }

    public List<String> channels(String uid) {
        return server.post("/conversation/channels", JsonObject.of("uid", uid).encode()).array().stream()
                .map(JsonObject.class::cast)
                .map(channel -> channel.getString("channel_id") + " " + channel.getInteger("channel_type"))
                .toList();
    }

    static List<String> ids(JsonArray conversations) {
        return conversations.stream()
                .map(conversation -> ((JsonObject) conversation).getString("channel_id"))
                .toList();
    }

    static List<Long> recents(JsonArray conversations, int index) {
        return Chat.seqs(conversations.getJsonObject(index).getJsonArray("recents"));
    }

    static String stored(String one, String other) {
        return ChannelKey.conversation(one, other).id();
    }
}
