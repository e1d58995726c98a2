package dev.herald.api.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.ApiServer;
import dev.herald.api.Chat;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class LookupRoutesIT {
    private static final String NONE = "{\"status\":404}";

    @RegisterExtension
    static final ApiServer server = ApiServer.withMessaging();

    private final Chat chat = new Chat(server);

    @BeforeEach
    void prepare() {
        chat.group("g1", "u1", "u2");
        chat.sendMany("u1", "g1", 5);
    }

    @Test
    void messages_are_given_in_the_order_they_are_named_each_once() {
        JsonObject answer = messages(Map.of(
                "message_seqs", new JsonArray(List.of(4, 2, 99)),
                "message_ids",
                        new JsonArray().add(id(5)).add(Long.toString(id(1))).add(id(2)),
                "client_msg_nos", new JsonArray(List.of("c3", "c5", "nobody's"))));

        assertThat(answer.fieldNames()).containsExactly("start_message_seq", "end_message_seq", "more", "messages");
        assertThat(answer.getInteger("start_message_seq")).isZero();
        assertThat(answer.getInteger("end_message_seq")).isZero();
        assertThat(answer.getInteger("more")).isZero();
        assertThat(Chat.seqs(answer.getJsonArray("messages"))).containsExactly(4L, 2L, 5L, 1L, 3L);
    }

    @Test
    void nothing_named_is_nothing_found() {
        assertThat(messages(Map.of()).getJsonArray("messages")).isEmpty();
        assertThat(server.post("/messages", "{\"channel_id\":\"g9\",\"channel_type\":2,\"message_seqs\":[1]}")
                        .body())
                .isEqualTo("{\"start_message_seq\":0,\"end_message_seq\":0,\"more\":0,\"messages\":[]}");
    }

    @Test
    void a_message_of_another_channel_is_not_found() {
        chat.group("g2", "u1");
        chat.send("u1", "g2", "other");
        long other = Long.parseLong(server.sql.value("select max(id) from message"));

        assertThat(messages(Map.of(
                                "message_ids",
                                new JsonArray().add(other),
                                "client_msg_nos",
                                new JsonArray().add("other")))
                        .getJsonArray("messages"))
                .isEmpty();
        assertThat(one(JsonObject.of("message_id", other)).body()).isEqualTo(NONE);
    }

    @Test
    void one_message_by_its_id_or_its_number() {
        assertThat(one(JsonObject.of("message_id", id(3))).json().getInteger("message_seq"))
                .isEqualTo(3);
        assertThat(one(JsonObject.of("message_id", Long.toString(id(3)))).json().getInteger("message_seq"))
                .isEqualTo(3);
        assertThat(one(JsonObject.of("client_msg_no", "c4")).json().getInteger("message_seq"))
                .isEqualTo(4);
        assertThat(one(JsonObject.of("message_id", 0, "client_msg_no", "c4"))
                        .json()
                        .getInteger("message_seq"))
                .isEqualTo(4);
        assertThat(one(JsonObject.of("message_id", id(3), "client_msg_no", "c4"))
                        .body())
                .isEqualTo(NONE);
        assertThat(one(JsonObject.of("client_msg_no", "nobody's")).body()).isEqualTo(NONE);
        assertThat(byNumber("channel_id=g1&channel_type=2&client_msg_no=c2")
                        .json()
                        .getInteger("message_seq"))
                .isEqualTo(2);
        assertThat(byNumber("channel_id=g1&channel_type=2&client_msg_no=c9").body())
                .isEqualTo(NONE);
        assertThat(byNumber("channel_id=g9&channel_type=2&client_msg_no=c2").body())
                .isEqualTo(NONE);
    }

    @Test
    void of_two_senders_with_one_number_the_newest_or_the_oldest() {
        chat.send("u2", "g1", "c2");

        assertThat(Chat.seqs(messages(Map.of("client_msg_nos", new JsonArray().add("c2")))
                        .getJsonArray("messages")))
                .containsExactly(6L);
        assertThat(byNumber("channel_id=g1&channel_type=2&client_msg_no=c2")
                        .json()
                        .getInteger("message_seq"))
                .isEqualTo(2);
    }

    @Test
    void a_person_channel_is_known_by_every_spelling() {
        chat.sendTo("u1", "u2", "p1");

        for (String spelling : List.of("u2", "u1@u2", "u2@u1")) {
            JsonObject channel = JsonObject.of("login_uid", "u1", "channel_id", spelling, "channel_type", 1);
            assertThat(server.post(
                                    "/messages",
                                    channel.copy()
                                            .put("message_seqs", new JsonArray().add(1))
                                            .encode())
                            .json()
                            .getJsonArray("messages"))
                    .hasSize(1);
            assertThat(server.post(
                                    "/message",
                                    channel.copy().put("client_msg_no", "p1").encode())
                            .json()
                            .getString("channel_id"))
                    .isEqualTo("u2");
            assertThat(byNumber("channel_id=" + spelling + "&channel_type=1&client_msg_no=p1&login_uid=u1")
                            .json()
                            .getString("client_msg_no"))
                    .isEqualTo("p1");
        }
        assertThat(byNumber("channel_id=u1@u2&channel_type=1&client_msg_no=p1").status())
                .isEqualTo(200);
    }

    @Test
    void who_is_named_must_be_in_the_channel() {
        String refusal = "403 login_uid: is not a member of the channel";

        assertThat(server.post(
                                "/messages",
                                "{\"login_uid\":\"u3\",\"channel_id\":\"g1\",\"channel_type\":2,\"message_seqs\":[1]}")
                        .problem())
                .isEqualTo(refusal);
        assertThat(server.post(
                                "/message",
                                "{\"login_uid\":\"u3\",\"channel_id\":\"g1\",\"channel_type\":2,\"client_msg_no\":\"c1\"}")
                        .problem())
                .isEqualTo(refusal);
        assertThat(byNumber("channel_id=u1@u2&channel_type=1&client_msg_no=p1&login_uid=u3")
                        .problem())
                .isEqualTo(refusal);
    }

    @Test
    void what_is_over_is_not_found() {
        server.sql.run("update message set expires_at = now() where seq = 2");

        assertThat(Chat.seqs(messages(Map.of("message_seqs", new JsonArray(List.of(1, 2, 3))))
                        .getJsonArray("messages")))
                .containsExactly(1L, 3L);
        assertThat(one(JsonObject.of("client_msg_no", "c2")).body()).isEqualTo(NONE);
        assertThat(byNumber("channel_id=g1&channel_type=2&client_msg_no=c2").body())
                .isEqualTo(NONE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/messages | {} | channel_type: is required; channel_id: is required",
                "/messages | {\"channel_id\":\"g1\",\"channel_type\":2,\"message_seqs\":3} | message_seqs: must be an array",
                "/messages | {\"channel_id\":\"g1\",\"channel_type\":2,\"message_seqs\":[1,0]} | message_seqs[1]: must be a positive integer",
                "/messages | {\"channel_id\":\"g1\",\"channel_type\":2,\"message_ids\":[\"x\"]} | message_ids[0]: must be an id, number or string",
                "/messages | {\"channel_id\":\"g1\",\"channel_type\":2,\"client_msg_nos\":[null]} | client_msg_nos[0]: must be a string",
                "/messages | {\"channel_id\":\"u1\",\"channel_type\":1} | login_uid: is required, or both uids in channel_id: uid@uid",
                "/message  | {\"channel_id\":\"g1\",\"channel_type\":2} | message_id: is required, or client_msg_no",
                "/message  | {\"channel_id\":\"g1\",\"channel_type\":2,\"message_id\":1.5} | message_id: must be an id, number or string",
            })
    void refuses_bad_requests_and_names_the_field(String path, String body, String text) {
        assertThat(server.post(path, body).problem()).isEqualTo("400 " + text);
    }

    @Test
    void refuses_more_than_ten_thousand_names_and_a_query_without_a_number() {
        String seqs = "[" + "1,".repeat(10_000) + "1]";

        assertThat(server.post("/messages", "{\"channel_id\":\"g1\",\"channel_type\":2,\"message_seqs\":" + seqs + "}")
                        .problem())
                .isEqualTo("400 message_seqs: must not hold more than 10000 items");
        assertThat(byNumber("channel_id=g1&channel_type=2").problem()).isEqualTo("400 client_msg_no: is required");
    }

    private static long id(int seq) {
        return Long.parseLong(server.sql.value("select id from message where seq = $1", (long) seq));
    }

    private static JsonObject messages(Map<String, JsonArray> named) {
        JsonObject body = JsonObject.of("login_uid", "u2", "channel_id", "g1", "channel_type", 2);
        named.forEach(body::put);
        return server.post("/messages", body.encode()).json();
    }

    private static ApiServer.Answer one(JsonObject named) {
        return server.post(
                "/message",
                named.copy().put("channel_id", "g1").put("channel_type", 2).encode());
    }

    private static ApiServer.Answer byNumber(String query) {
        return server.get("/message/byclientmsgno?" + query);
    }
}
