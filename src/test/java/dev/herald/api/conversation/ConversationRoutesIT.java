package dev.herald.api.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.ApiServer;
import dev.herald.api.Chat;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ConversationRoutesIT {
    @RegisterExtension
    static final ApiServer server = ApiServer.withMessaging();

    private final Chat chat = new Chat(server);
    private final Conversed seen = new Conversed(server);

    @Test
    void a_conversation_has_the_form_of_wukongim() {
        chat.group("g1", "u1", "u2");
        chat.send("u1", "g1", "c1");
        chat.send("u1", "g1", "c2");

        JsonObject conversation = seen.sync("u2", 1).getJsonObject(0);

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

        JsonArray conversations = seen.sync("u2", 9);

        assertThat(Conversed.ids(conversations)).containsExactly("g1", "g2", "u1");
        assertThat(Chat.seqs(conversations.getJsonObject(0).getJsonArray("recents")))
                .containsExactly(2L, 1L);
        assertThat(seen.sync("u2", 0)).isEmpty();
        assertThat(seen.sync("nobody", 9)).isEmpty();
    }

    /** Types 3 and 10: the visitor is in the channel that is named after it, like those who serve it. */
    @Test
    void a_visitor_has_the_history_and_the_conversation_of_its_channel() {
        for (JsonObject channel : List.of(
                JsonObject.of("channel_id", "v1", "channel_type", 10),
                JsonObject.of("channel_id", "v1|shop", "channel_type", 3))) {
            String id = channel.getString("channel_id");
            int type = channel.getInteger("channel_type");
            chat.channel(id, type, "helper");
            chat.send(Chat.message("v1", id, type, "c1"));
            chat.send(Chat.message("helper", id, type, "c2"));

            for (String uid : List.of("v1", "helper")) {
                JsonObject asked = channel.copy().put("login_uid", uid).put("limit", 9);
                assertThat(Chat.seqs(server.post("/channel/messagesync", asked.encode())
                                .json()
                                .getJsonArray("messages")))
                        .containsExactly(1L, 2L);
                assertThat(seen.channels(uid)).containsExactly(id + " " + type);
            }
            String query = "?channel_id=" + id.replace("|", "%7C") + "&channel_type=" + type + "&login_uid=";
            assertThat(server.get("/channel/max_message_seq" + query + "v1").json())
                    .isEqualTo(JsonObject.of("message_seq", 2));
            assertThat(server.get("/channel/last_message" + query + "v1").json().getString("client_msg_no"))
                    .isEqualTo("c2");
            assertThat(server.get("/channel/max_message_seq" + query + "v2").status())
                    .isEqualTo(403);
            JsonObject conversation = seen.sync("v1", 1).getJsonObject(0);
            assertThat(conversation.getString("channel_id")).isEqualTo(id);
            assertThat(conversation.getInteger("unread")).isEqualTo(1);
            chat.ok("/conversations/clearUnread", channel.copy().put("uid", "v1"));
            assertThat(seen.sync("v1", 1).getJsonObject(0).getInteger("unread")).isZero();
            server.reset();
        }
    }

    @Test
    void a_client_gets_only_what_it_lacks() {
        chat.group("g1", "u1", "u2");
        chat.sendMany("u1", "g1", 5);
        chat.sendTo("u1", "u2", "p1");
        chat.sendTo("u1", "u2", "p2");

        JsonArray lacking = seen.sync("u2", JsonObject.of("msg_count", 9, "last_msg_seqs", "g1:2:3|u1:1:1"));
        assertThat(Conversed.ids(lacking)).containsExactly("u1", "g1");
        assertThat(Conversed.recents(lacking, 0)).containsExactly(2L);
        assertThat(Conversed.recents(lacking, 1)).containsExactly(5L, 4L);

        assertThat(Conversed.ids(seen.sync("u2", JsonObject.of("msg_count", 9, "last_msg_seqs", "g1:2:5|u1@u2:1:1"))))
                .containsExactly("u1");
        assertThat(seen.sync("u2", JsonObject.of("msg_count", 9, "last_msg_seqs", "g1:2:9|u1:1:2|")))
                .isEmpty();
    }

    @Test
    void only_unread_ones_if_that_is_asked_for() {
        chat.group("g1", "u1", "u2");
        chat.group("g2", "u1", "u2");
        chat.group("g3", "u1", "u2");
        chat.sendMany("u1", "g1", 3);
        chat.send("u1", "g2", "c1");
        chat.ok("/conversations/clearUnread", Conversed.own("u2").put("channel_id", "g2"));
        chat.send("u1", "g3", "c1");
        chat.send("u2", "g3", "own");

        JsonArray unread = seen.sync("u2", JsonObject.of("msg_count", 2, "only_unread", 1));
        assertThat(Conversed.ids(unread)).containsExactly("g1");
        assertThat(Conversed.recents(unread, 0)).containsExactly(3L, 2L);
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

        JsonArray without = seen.sync(
                "u2",
                JsonObject.of(
                        "msg_count", 1, "exclude_channel_types", new JsonArray(List.of(4)), "last_msg_seqs", "c2:4:1"));
        assertThat(Conversed.ids(without)).containsExactly("c2", "g1");
    }

    @Test
    void conversations_come_page_by_page_the_newest_first() {
        Stream.of("g1", "g2", "g3", "g4", "g5").forEach(id -> {
            chat.group(id, "u1", "u2");
            chat.send("u1", id, "c");
        });

        assertThat(Conversed.ids(seen.page(1, 2))).containsExactly("g5", "g4");
        assertThat(Conversed.ids(seen.page(2, 2))).containsExactly("g3", "g2");
        assertThat(Conversed.ids(seen.page(3, 2))).containsExactly("g1");
        assertThat(seen.page(4, 2)).isEmpty();
        assertThat(seen.page(2_000_000_000, 600)).isEmpty();
        assertThat(seen.page(1, 0)).hasSize(5);
    }

    @Test
    void the_system_peer_is_left_out_but_in_the_list_of_channels() {
        chat.sendTo("", "u1", "c1");
        chat.sendTo("u2", "u1", "c2");
        chat.group("g1", "u1");

        assertThat(Conversed.ids(seen.sync("u1", 9))).containsExactly("u2");
        assertThat(seen.channels("u1"))
                .containsExactlyInAnyOrder(
                        "g1 2", Conversed.stored("u1", "u2") + " 1", Conversed.stored("u1", "____system") + " 1");
    }

    @ParameterizedTest
    @CsvSource({"2, true", "3, true", "4, true", "6, true", "7, true", "8, true", "9, false", "12, true"})
    void all_types_but_the_live_one_make_conversations(int type, boolean makes) {
        chat.channel("x", type, "u1", "u2");
        chat.send(Chat.message("u1", "x", type, "c1"));

        assertThat(seen.sync("u2", 9)).hasSize(makes ? 1 : 0);
        assertThat(seen.channels("u2")).hasSize(makes ? 1 : 0);
    }

    @Test
    void a_chat_with_oneself_and_one_with_an_agent() {
        chat.sendTo("u1", "u1", "c1");
        chat.send(Chat.message("u1", "u1@agent", 11, "c2"));

        assertThat(Conversed.ids(seen.sync("u1", 9))).containsExactly("u1@agent", "u1");
        assertThat(Conversed.ids(seen.sync("agent", 9))).containsExactly("u1@agent");
        for (String spelled : List.of("agent", "u1@agent")) {
            assertThat(server.post(
                                    "/channel/messagesync",
                                    "{\"login_uid\":\"u1\",\"channel_id\":\"%s\",\"channel_type\":11,\"limit\":10}"
                                            .formatted(spelled))
                            .json()
                            .getJsonArray("messages"))
                    .hasSize(1);
        }
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

        assertThat(Conversed.ids(named)).containsExactly("u1", "g1", "g2", "u1");
        assertThat(Conversed.recents(named, 0)).containsExactly(1L);
        assertThat(Conversed.recents(named, 1)).hasSize(15).startsWith(20L).endsWith(6L);
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
        assertThat(Conversed.ids(newest)).containsExactly("g1", "g2", "u2@u1");
        assertThat(Chat.seqs(newest.getJsonObject(0).getJsonArray("messages"))).containsExactly(6L, 5L, 4L);
        assertThat(newest.getJsonObject(0).getInteger("user_last_msg_seq")).isEqualTo(5);
        assertThat(newest.getJsonObject(1).getJsonArray("messages")).isEmpty();
        assertThat(newest.getJsonObject(2).getJsonArray("messages")).hasSize(1);

        JsonArray oldest = server.post("/conversation/syncMessages", "{\"uid\":\"u2\"," + channels + "}")
                .array();
        assertThat(Chat.seqs(oldest.getJsonObject(0).getJsonArray("messages"))).containsExactly(3L, 4L, 5L, 6L);
    }

    @Test
    void what_is_too_much_shortens_the_later_conversations_to_their_newest_message() {
        for (String group : List.of("g1", "g2", "g3")) {
            chat.group(group, "u1", "u2");
            chat.sendMany("u1", group, 12);
        }
        server.sql.run("update message set payload = convert_to(repeat('x', 700000), 'UTF8')");

        JsonArray conversations = seen.sync("u2", 12);

        assertThat(Conversed.ids(conversations)).containsExactly("g3", "g2", "g1");
        assertThat(Conversed.recents(conversations, 0)).hasSize(12).startsWith(12L, 11L);
        assertThat(Conversed.recents(conversations, 1)).hasSize(10).startsWith(12L, 11L);
        assertThat(Conversed.recents(conversations, 2)).containsExactly(12L);
    }

    @Test
    void so_are_small_messages_that_are_too_many() {
        for (String group : List.of("g1", "g2")) {
            chat.group(group, "u1", "u2");
            chat.send("u1", group, "c");
        }
        server.sql.run("""
                insert into message (channel, seq, from_uid, client_msg_no, flags, setting, expire, topic, payload)
                select channel, n, 'u1', n::text, 0, 0, 0, '', 'x' from message, generate_series(2, 10000) n""");
        server.sql.run("update channel set last_seq = 10000 where channel_type = 2");

        JsonArray conversations = seen.sync("u2", 10_000);

        assertThat(Conversed.recents(conversations, 0))
                .hasSizeGreaterThan(8_000)
                .startsWith(10_000L);
        assertThat(Conversed.recents(conversations, 1))
                .hasSizeBetween(8_000, 8_191)
                .startsWith(10_000L);
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
        assertThat(seen.page(1, 20)).hasSize(20);
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
                "/conversation/syncByChannels | {\"uid\":\"u1\"} | channels: is required",
                "/conversation/syncMessages | {\"uid\":\"u1\",\"channels\":{}} | channels: must be an array of objects",
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
}
