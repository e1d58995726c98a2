package dev.herald.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.model.ChannelKey;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ConversationRoutesIT {
    private static ApiServer server;
    private static Chat chat;

    @BeforeAll
    static void start() {
        server = ApiServer.startWithMessaging();
        chat = new Chat(server);
    }

    @AfterAll
    static void close() {
        server.close();
    }

    @BeforeEach
    void reset() {
        server.reset();
    }

    @Test
    void a_conversation_has_the_form_of_wukongim() {
        chat.group("g1", "u1", "u2");
        chat.send("u1", "g1", "c1");
        chat.send("u1", "g1", "c2");

        JsonObject conversation = sync("u2", 1).getJsonObject(0);

        long at = Long.parseLong(
                server.sql.value("select floor(extract(epoch from created_at))::bigint from message where seq = 2"));
        assertThat(conversation.fieldNames())
                .containsExactly(
                        "channel_id",
                        "channel_type",
                        "unread",
                        "timestamp",
                        "last_msg_seq",
                        "last_client_msg_no",
                        "offset_msg_seq",
                        "readed_to_msg_seq",
                        "version",
                        "recents");
        assertThat(conversation.getString("channel_id")).isEqualTo("g1");
        assertThat(conversation.getInteger("channel_type")).isEqualTo(2);
        assertThat(conversation.getInteger("unread")).isEqualTo(2);
        assertThat(conversation.getLong("timestamp")).isEqualTo(at);
        assertThat(conversation.getInteger("last_msg_seq")).isEqualTo(2);
        assertThat(conversation.getString("last_client_msg_no")).isEqualTo("c2");
        assertThat(conversation.getInteger("offset_msg_seq")).isZero();
        assertThat(conversation.getInteger("readed_to_msg_seq")).isZero();
        assertThat(conversation.getLong("version")).isEqualTo(at * 1_000_000_000);
        assertThat(Chat.seqs(conversation.getJsonArray("recents"))).containsExactly(2L);
    }

    @Test
    void the_newest_conversation_comes_first_with_its_newest_message_first() {
        chat.group("g1", "u1", "u2");
        chat.group("g2", "u1", "u2");
        chat.group("empty", "u1", "u2");
        chat.send("u1", "g1", "c1");
        chat.sendTo("u1", "u2", "c2");
        chat.send("u1", "g2", "c3");
        chat.send("u1", "g1", "c4");

        JsonArray conversations = sync("u2", 9);

        assertThat(ids(conversations)).containsExactly("g1", "g2", "u1");
        assertThat(Chat.seqs(conversations.getJsonObject(0).getJsonArray("recents")))
                .containsExactly(2L, 1L);
        assertThat(sync("u2", 0)).isEmpty();
        assertThat(sync("nobody", 9)).isEmpty();
    }

    @Test
    void unread_is_what_lies_behind_the_read_position_and_behind_ones_own_last_message() {
        chat.group("g1", "u1", "u2", "u3");
        chat.sendMany("u1", "g1", 3);
        assertUnread("u2", 3, 0);

        chat.send("u2", "g1", "own");
        assertUnread("u2", 0, 4);

        chat.send("u1", "g1", "c5");
        chat.send("u1", "g1", "c6");
        assertUnread("u2", 2, 4);
        assertUnread("u1", 0, 6);
        assertUnread("u3", 6, 0);

        clearUnread("u2");
        assertUnread("u2", 0, 6);
        chat.send("u1", "g1", "c7");
        assertUnread("u2", 1, 6);
    }

    @Test
    void a_red_dot_changes_nothing_of_what_is_unread() {
        chat.group("g1", "u1", "u2");
        chat.send(Chat.message("u1", "g1", 2, "c1").put("header", JsonObject.of("red_dot", 0)));
        chat.send(Chat.message("u1", "g1", 2, "c2").put("header", JsonObject.of("red_dot", 1)));

        assertUnread("u2", 2, 0);
    }

    @Test
    void the_read_position_only_moves_forward() {
        chat.group("g1", "u1", "u2");
        chat.sendMany("u1", "g1", 10);

        setUnread("u2", 4);
        assertUnread("u2", 4, 6);
        setUnread("u2", 7);
        assertUnread("u2", 4, 6);
        setUnread("u2", 1);
        assertUnread("u2", 1, 9);
        setUnread("u2", 0);
        assertUnread("u2", 0, 10);
    }

    @Test
    void more_unread_than_there_is_leaves_the_position_where_it_was() {
        chat.group("g1", "u1", "u2");
        setUnread("u2", 5);
        chat.sendMany("u1", "g1", 2);

        assertUnread("u2", 2, 0);
        setUnread("u2", 5);
        assertUnread("u2", 2, 0);
    }

    @Test
    void a_deleted_conversation_is_shown_again_with_what_comes_later() {
        chat.group("g1", "u1", "u2");
        chat.sendMany("u1", "g1", 3);

        chat.ok("/conversations/delete", own("u2"));
        assertThat(sync("u2", 9)).isEmpty();
        assertThat(sync("u1", 9)).hasSize(1);

        chat.send("u1", "g1", "later");
        JsonObject conversation = sync("u2", 9).getJsonObject(0);
        assertThat(Chat.seqs(conversation.getJsonArray("recents"))).containsExactly(4L);
        assertThat(conversation.getInteger("unread")).isEqualTo(1);
        JsonObject listed = byChannels("u2", "g1", 2).getJsonObject(0);
        assertThat(Chat.seqs(listed.getJsonArray("recents"))).containsExactly(4L);
    }

    @Test
    void who_joins_later_has_nothing_to_catch_up_with() {
        chat.group("g1", "u1");
        chat.sendMany("u1", "g1", 3);
        chat.ok("/channel/subscriber_add", members("g1", "u2"));
        assertUnread("u2", 0, 3);

        chat.send("u1", "g1", "c4");
        assertUnread("u2", 1, 3);
        chat.ok("/channel/subscriber_add", members("g1", "u2"));
        assertUnread("u2", 0, 4);
    }

    @Test
    void who_left_has_no_conversation_and_begins_anew_when_back() {
        chat.group("g1", "u1", "u2");
        chat.sendMany("u1", "g1", 3);
        chat.ok("/channel/subscriber_remove", members("g1", "u2"));
        assertThat(sync("u2", 9)).isEmpty();
        assertThat(channels("u2")).isEmpty();

        chat.ok("/channel/subscriber_add", members("g1", "u2"));
        assertUnread("u2", 0, 3);
    }

    @Test
    void who_is_on_the_blacklist_of_a_group_has_no_conversation_of_it() {
        chat.group("g1", "u1", "u2");
        chat.send("u1", "g1", "c1");
        chat.ok("/channel/blacklist_add", uids("u2"));
        chat.send("u1", "g1", "c2");
        assertThat(sync("u2", 9)).isEmpty();

        chat.ok("/channel/blacklist_remove", uids("u2"));
        JsonObject conversation = sync("u2", 9).getJsonObject(0);
        assertThat(Chat.seqs(conversation.getJsonArray("recents"))).containsExactly(2L);
        assertThat(conversation.getInteger("unread")).isEqualTo(1);
    }

    @Test
    void a_client_gets_only_what_it_lacks() {
        chat.group("g1", "u1", "u2");
        chat.sendMany("u1", "g1", 5);
        chat.sendTo("u1", "u2", "p1");
        chat.sendTo("u1", "u2", "p2");

        JsonArray lacking = sync("u2", JsonObject.of("msg_count", 9, "last_msg_seqs", "g1:2:3|u1:1:1"));
        assertThat(ids(lacking)).containsExactly("u1", "g1");
        assertThat(recents(lacking, 0)).containsExactly(2L);
        assertThat(recents(lacking, 1)).containsExactly(5L, 4L);

        assertThat(ids(sync("u2", JsonObject.of("msg_count", 9, "last_msg_seqs", "g1:2:5|u1@u2:1:1"))))
                .containsExactly("u1");
        assertThat(sync("u2", JsonObject.of("msg_count", 9, "last_msg_seqs", "g1:2:9|u1:1:2|")))
                .isEmpty();
    }

    @Test
    void a_client_with_a_version_gets_of_other_conversations_what_lies_behind_the_read_position() {
        chat.group("g1", "u1", "u2");
        chat.group("g2", "u1", "u2");
        chat.group("g3", "u1", "u2");
        chat.sendMany("u1", "g1", 3);
        chat.send("u1", "g2", "c1");
        chat.send("u2", "g3", "own");
        chat.ok("/conversations/setUnread", own("u2").put("unread", 1));
        chat.ok("/conversations/clearUnread", own("u2").put("channel_id", "g2"));

        JsonArray lacking = sync("u2", JsonObject.of("msg_count", 9, "version", 1));

        // What another device of the user has sent is new to this one.
        assertThat(ids(lacking)).containsExactly("g3", "g1");
        assertThat(recents(lacking, 1)).containsExactly(3L);
    }

    @Test
    void only_unread_ones_if_that_is_asked_for() {
        chat.group("g1", "u1", "u2");
        chat.group("g2", "u1", "u2");
        chat.group("g3", "u1", "u2");
        chat.sendMany("u1", "g1", 3);
        chat.send("u1", "g2", "c1");
        chat.ok("/conversations/clearUnread", own("u2").put("channel_id", "g2"));
        chat.send("u1", "g3", "c1");
        chat.send("u2", "g3", "own");

        JsonArray unread = sync("u2", JsonObject.of("msg_count", 2, "only_unread", 1));
        assertThat(ids(unread)).containsExactly("g1");
        assertThat(recents(unread, 0)).containsExactly(3L, 2L);
    }

    @Test
    void types_can_be_left_out_but_for_what_the_client_has() {
        chat.group("g1", "u1", "u2");
        chat.channel("c1", 4, "u1", "u2");
        chat.channel("c2", 4, "u1", "u2");
        chat.send("u1", "g1", "a");
        chat.send(Chat.message("u1", "c1", 4, "a"));
        chat.send(Chat.message("u1", "c2", 4, "a"));
        chat.send(Chat.message("u1", "c2", 4, "b"));

        JsonArray without = sync(
                "u2",
                JsonObject.of(
                        "msg_count", 1, "exclude_channel_types", new JsonArray(List.of(4)), "last_msg_seqs", "c2:4:1"));
        assertThat(ids(without)).containsExactly("c2", "g1");
    }

    @Test
    void pages_of_conversations() {
        Stream.of("g1", "g2", "g3", "g4", "g5").forEach(id -> {
            chat.group(id, "u1", "u2");
            chat.send("u1", id, "c");
        });

        assertThat(ids(page(1, 2))).containsExactly("g5", "g4");
        assertThat(ids(page(2, 2))).containsExactly("g3", "g2");
        assertThat(ids(page(3, 2))).containsExactly("g1");
        assertThat(page(4, 2)).isEmpty();
        assertThat(page(2_000_000_000, 600)).isEmpty();
        assertThat(page(1, 0)).hasSize(5);
    }

    @Test
    void the_system_peer_is_left_out_but_in_the_list_of_channels() {
        chat.sendTo("", "u1", "c1");
        chat.sendTo("u2", "u1", "c2");
        chat.group("g1", "u1");

        assertThat(ids(sync("u1", 9))).containsExactly("u2");
        assertThat(channels("u1"))
                .containsExactlyInAnyOrder("g1 2", stored("u1", "u2") + " 1", stored("u1", "____system") + " 1");
    }

    @ParameterizedTest
    @CsvSource({"2, true", "3, true", "4, true", "6, true", "7, true", "8, true", "9, false", "12, true"})
    void all_types_but_the_live_one_make_conversations(int type, boolean makes) {
        chat.channel("x", type, "u1", "u2");
        chat.send(Chat.message("u1", "x", type, "c1"));

        assertThat(sync("u2", 9)).hasSize(makes ? 1 : 0);
        assertThat(channels("u2")).hasSize(makes ? 1 : 0);
    }

    @Test
    void a_chat_with_oneself_and_one_with_an_agent() {
        chat.sendTo("u1", "u1", "c1");
        chat.send(Chat.message("u1", "u1@agent", 11, "c2"));

        assertThat(ids(sync("u1", 9))).containsExactly("u1@agent", "u1");
        assertThat(ids(sync("agent", 9))).containsExactly("u1@agent");
    }

    @Test
    void conversations_of_channels_that_are_named() {
        chat.group("g1", "u1", "u2");
        chat.group("g2", "u1");
        chat.sendMany("u1", "g1", 20);
        chat.send("u1", "g2", "secret");
        chat.sendTo("u1", "u2", "p1");

        JsonArray named = server.post(
                        "/conversation/syncByChannels",
                        "{\"uid\":\"u2\",\"channels\":[{\"channel_id\":\"u1\",\"channel_type\":1},"
                                + "{\"channel_id\":\"g1\",\"channel_type\":2},{\"channel_id\":\"g2\",\"channel_type\":2},"
                                + "{\"channel_id\":\"u2@u1\",\"channel_type\":1}]}")
                .array();

        assertThat(ids(named)).containsExactly("u1", "g1", "g2", "u1");
        assertThat(recents(named, 0)).containsExactly(1L);
        assertThat(recents(named, 1)).hasSize(15).startsWith(20L).endsWith(6L);
        assertThat(named.getJsonObject(1).getInteger("unread")).isEqualTo(20);
        assertThat(named.getJsonObject(2))
                .isEqualTo(new JsonObject("{\"channel_id\":\"g2\",\"channel_type\":2,\"unread\":0,\"timestamp\":0,"
                        + "\"last_msg_seq\":0,\"last_client_msg_no\":\"\",\"offset_msg_seq\":0,\"readed_to_msg_seq\":0,"
                        + "\"version\":0,\"recents\":[]}"));
    }

    @Test
    void messages_of_channels_that_are_named() {
        chat.group("g1", "u1", "u2");
        chat.group("g2", "u1");
        chat.sendMany("u1", "g1", 4);
        chat.send("u2", "g1", "own");
        chat.send("u1", "g1", "c6");
        chat.send("u1", "g2", "secret");
        chat.sendTo("u1", "u2", "p1");

        String channels = "\"channels\":[{\"channel_id\":\"g1\",\"channel_type\":2,\"last_msg_seq\":3},"
                + "{\"channel_id\":\"g2\",\"channel_type\":2},{\"channel_id\":\"u2@u1\",\"channel_type\":1}]";
        JsonArray newest = server.post(
                        "/conversation/syncMessages",
                        "{\"uid\":\"u2\",\"msg_count\":3,\"order_by_last\":1," + channels + "}")
                .array();
        assertThat(newest.getJsonObject(0).fieldNames())
                .containsExactly("channel_id", "channel_type", "messages", "user_last_msg_seq");
        assertThat(ids(newest)).containsExactly("g1", "g2", "u2@u1");
        assertThat(Chat.seqs(newest.getJsonObject(0).getJsonArray("messages"))).containsExactly(6L, 5L, 4L);
        assertThat(newest.getJsonObject(0).getInteger("user_last_msg_seq")).isEqualTo(5);
        assertThat(newest.getJsonObject(1).getJsonArray("messages")).isEmpty();
        assertThat(newest.getJsonObject(2).getJsonArray("messages")).hasSize(1);

        JsonArray oldest = server.post("/conversation/syncMessages", "{\"uid\":\"u2\"," + channels + "}")
                .array();
        assertThat(Chat.seqs(oldest.getJsonObject(0).getJsonArray("messages"))).containsExactly(3L, 4L, 5L, 6L);
    }

    @Test
    void what_is_over_is_no_part_of_a_conversation() {
        chat.group("g1", "u1", "u2");
        chat.sendMany("u1", "g1", 2);
        server.sql.run("update message set expires_at = now() where seq = 2");

        JsonObject conversation = sync("u2", 9).getJsonObject(0);
        assertThat(conversation.getInteger("last_msg_seq")).isEqualTo(1);
        assertThat(conversation.getInteger("unread")).isEqualTo(1);
    }

    @Test
    void more_than_one_answer_may_hold_is_refused_by_name() {
        Stream.iterate(1, n -> n + 1).limit(30).forEach(n -> {
            chat.group("g" + n, "u1", "u2");
            chat.send("u1", "g" + n, "c");
        });
        server.sql.run("update message set payload = convert_to(repeat('x', 700000), 'UTF8')");

        assertThat(server.post("/conversation/sync", "{\"uid\":\"u2\",\"msg_count\":1}")
                        .problem())
                .isEqualTo("413 msg_count: the messages have over 16777216 bytes, ask for fewer or for fewer channels");
        assertThat(page(1, 20)).hasSize(20);
    }

    @ParameterizedTest
    @ValueSource(strings = {"clearUnread", "setUnread", "delete"})
    void of_a_channel_that_the_user_is_not_in_there_is_nothing_to_say(String change) {
        chat.group("g1", "u1", "u2");
        chat.send("u1", "g1", "c1");

        chat.ok("/conversations/" + change, own("u3"));
        chat.ok("/conversations/" + change, own("u2").put("channel_id", "g9"));
        chat.ok("/conversations/" + change, own("u3").put("channel_id", "u1@u2").put("channel_type", 1));

        assertUnread("u2", 1, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"u1", "u1@u2", "u2@u1"})
    void a_person_channel_is_known_by_every_spelling(String spelling) {
        chat.sendTo("u1", "u2", "p1");

        chat.ok(
                "/conversations/clearUnread",
                own("u2").put("channel_id", spelling).put("channel_type", 1));
        assertThat(sync("u2", 1).getJsonObject(0).getInteger("unread")).isZero();
        chat.ok("/conversations/delete", own("u2").put("channel_id", spelling).put("channel_type", 1));
        assertThat(sync("u2", 1)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/conversation/sync | {} | uid: is required",
                "/conversation/sync | {\"uid\":\"u1\",\"msg_count\":-1} | msg_count: must be an integer from 0 to 10000",
                "/conversation/sync | {\"uid\":\"u1\",\"page\":-1} | page: must be an integer from 0 to 2147483647",
                "/conversation/sync | {\"uid\":\"u1\",\"last_msg_seqs\":\"g1:2\"} | last_msg_seqs: must be entries id:type:seq",
                "/conversation/sync | {\"uid\":\"u1\",\"exclude_channel_types\":[2,\"x\"]} | exclude_channel_types[1]: must be an integer from 0 to 255",
                "/conversation/channels | {} | uid: is required",
                "/conversation/syncByChannels | {\"uid\":\"u1\"} | channels: must be an array of objects",
                "/conversation/syncByChannels | {\"uid\":\"u1\",\"channels\":[]} | channels: must not be empty",
                "/conversation/syncMessages | {\"channels\":[]} | uid: is required",
                "/conversation/syncMessages | {\"uid\":\"u1\",\"channels\":[{\"channel_id\":\"g1\"}]} | channels[0].channel_type: is required",
                "/conversations/clearUnread | {} | uid: is required; channel_type: is required; channel_id: is required",
                "/conversations/setUnread | {\"uid\":\"u1\",\"channel_id\":\"g1\",\"channel_type\":2,\"unread\":-1} | unread: must be an integer from 0 to 2147483647",
                "/conversations/delete | {\"uid\":\"u1\",\"channel_id\":\"g1____cmd\",\"channel_type\":2} | channel_id: must not end with ____cmd",
            })
    void refuses_bad_requests_and_names_the_field(String path, String body, String text) {
        assertThat(server.post(path, body).problem()).isEqualTo("400 " + text);
    }

    private static void assertUnread(String uid, int unread, int readTo) {
        JsonObject conversation = sync(uid, 1).getJsonObject(0);
        assertThat(conversation.getInteger("unread")).isEqualTo(unread);
        assertThat(conversation.getInteger("readed_to_msg_seq")).isEqualTo(readTo);
    }

    private static void clearUnread(String uid) {
        chat.ok("/conversations/clearUnread", own(uid));
    }

    private static void setUnread(String uid, int unread) {
        chat.ok("/conversations/setUnread", own(uid).put("unread", unread));
    }

    private static JsonObject own(String uid) {
        return JsonObject.of("uid", uid, "channel_id", "g1", "channel_type", 2);
    }

    private static JsonObject members(String group, String uid) {
        return JsonObject.of("channel_id", group, "channel_type", 2, "subscribers", new JsonArray().add(uid));
    }

    private static JsonObject uids(String uid) {
        return JsonObject.of("channel_id", "g1", "channel_type", 2, "uids", new JsonArray().add(uid));
    }

    private static JsonArray sync(String uid, int count) {
        return sync(uid, JsonObject.of("msg_count", count));
    }

    private static JsonArray sync(String uid, JsonObject wanted) {
        return server.post("/conversation/sync", wanted.copy().put("uid", uid).encode())
                .array();
    }

    private static JsonArray page(int page, int size) {
        return sync("u2", JsonObject.of("msg_count", 1, "page", page, "page_size", size));
    }

    private static JsonArray byChannels(String uid, String channel, int type) {
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

    private static List<String> channels(String uid) {
        return server.post("/conversation/channels", JsonObject.of("uid", uid).encode()).array().stream()
                .map(JsonObject.class::cast)
                .map(channel -> channel.getString("channel_id") + " " + channel.getInteger("channel_type"))
                .toList();
    }

    private static List<String> ids(JsonArray conversations) {
        return conversations.stream()
                .map(conversation -> ((JsonObject) conversation).getString("channel_id"))
                .toList();
    }

    private static List<Long> recents(JsonArray conversations, int index) {
        return Chat.seqs(conversations.getJsonObject(index).getJsonArray("recents"));
    }

    private static String stored(String one, String other) {
        return ChannelKey.conversation(one, other).id();
    }
}
