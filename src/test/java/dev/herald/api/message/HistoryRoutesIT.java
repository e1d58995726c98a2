package dev.herald.api.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.ApiServer;
import dev.herald.api.Chat;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HistoryRoutesIT {
    private static final String NONE = "{\"status\":404}";

    @RegisterExtension
    static final ApiServer server = ApiServer.withMessaging();

    private final Chat chat = new Chat(server);

    @Test
    void without_bounds_the_newest_are_given_whatever_the_direction() {
        assertWindows("""
                0 0 3 0 | 8 9 10 | 1
                0 0 3 1 | 8 9 10 | 1
                0 0 10 0 | 1 2 3 4 5 6 7 8 9 10 | 0
                0 0 20000 0 | 1 2 3 4 5 6 7 8 9 10 | 0
                0 0 0 0 | | 1
                """);
    }

    @Test
    void towards_older_the_start_is_included_and_the_end_is_not() {
        assertWindows("""
                5 0 3 0 | 3 4 5 | 1
                5 0 5 0 | 1 2 3 4 5 | 0
                5 0 100 0 | 1 2 3 4 5 | 0
                8 5 100 0 | 6 7 8 | 0
                8 5 3 0 | 6 7 8 | 0
                8 2 3 0 | 6 7 8 | 1
                100 8 5 0 | 9 10 | 0
                5 0 0 0 | | 1
                5 5 10 0 | | 0
                5 8 10 0 | | 0
                0 8 10 0 | | 0
                3 9223372036854775807 10 0 | | 0
                """);
    }

    @Test
    void towards_newer_the_start_is_included_and_the_end_is_not() {
        assertWindows("""
                5 0 3 1 | 5 6 7 | 1
                5 8 100 1 | 5 6 7 | 0
                5 8 3 1 | 5 6 7 | 0
                5 8 2 1 | 5 6 | 1
                0 3 10 1 | 1 2 | 0
                8 0 3 1 | 8 9 10 | 0
                8 0 0 1 | 8 9 10 | 0
                8 5 10 1 | | 0
                11 0 10 1 | | 0
                """);
    }

    @Test
    void a_message_has_the_form_of_wukongim() {
        chat.group("g1", "u1");
        chat.send(Chat.message("u1", "g1", 2, "c1")
                .put("header", JsonObject.of("red_dot", 1))
                .put("expire", 3600));

        JsonObject message =
                sync("u1", "g1", 2, 0, 0, 1, 0).json().getJsonArray("messages").getJsonObject(0);

        String id = server.sql.value("select id from message");
        long at = Long.parseLong(server.sql.value("select floor(extract(epoch from created_at))::bigint from message"));
        assertThat(message)
                .isEqualTo(new JsonObject()
                        .put("header", JsonObject.of("no_persist", 0, "red_dot", 1, "sync_once", 0))
                        .put("setting", 0)
                        .put("message_id", Integer.valueOf(id))
                        .put("message_idstr", id)
                        .put("client_msg_no", "c1")
                        .put("message_seq", 1)
                        .put("from_uid", "u1")
                        .put("channel_id", "g1")
                        .put("channel_type", 2)
                        .put("expire", 3600)
                        .put("timestamp", (int) at)
                        .put("payload", Chat.base64("c1")));
    }

    @Test
    void a_person_message_is_in_the_channel_of_the_side_that_did_not_send_it() {
        chat.sendTo("u1", "u2", "c1");
        chat.sendTo("u2", "u1", "c2");
        chat.sendTo("u2", "u2", "c3");
        chat.send(Chat.message("", "u2", 1, "c4"));

        JsonArray both = sync("u1", "u2", 1, 0, 0, 9, 0).json().getJsonArray("messages");
        assertThat(channelIds(both)).containsExactly("u2", "u1");
        assertThat(channelIds(sync("u2", "u2", 1, 0, 0, 9, 0).json().getJsonArray("messages")))
                .containsExactly("u2@u2");
        JsonObject fromSystem = sync("u2", "____system", 1, 0, 0, 9, 0)
                .json()
                .getJsonArray("messages")
                .getJsonObject(0);
        assertThat(fromSystem.getString("channel_id")).isEqualTo("u2");
        assertThat(fromSystem.getString("from_uid")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"u2", "u1@u2", "u2@u1"})
    void a_person_channel_is_known_by_every_spelling(String spelling) {
        chat.sendTo("u1", "u2", "c1");

        assertThat(Chat.seqs(sync("u1", spelling, 1, 0, 0, 9, 0).json().getJsonArray("messages")))
                .containsExactly(1L);
        String query = "?channel_id=" + spelling + "&channel_type=1&login_uid=u1";
        assertThat(server.get("/channel/max_message_seq" + query).body()).isEqualTo("{\"message_seq\":1}");
        assertThat(server.get("/channel/last_message" + query).json().getLong("message_seq"))
                .isEqualTo(1);
    }

    @Test
    void the_back_end_needs_no_reader_if_it_names_both_sides() {
        chat.sendTo("u1", "u2", "c1");

        assertThat(server.get("/channel/max_message_seq?channel_id=u1@u2&channel_type=1")
                        .body())
                .isEqualTo("{\"message_seq\":1}");
        assertThat(server.get("/channel/last_message?channel_id=u1@u2&channel_type=1")
                        .json()
                        .getString("client_msg_no"))
                .isEqualTo("c1");
    }

    @Test
    void what_was_never_used_is_empty() {
        assertThat(sync("u1", "g9", 2, 0, 0, 10, 0).body())
                .isEqualTo("{\"start_message_seq\":0,\"end_message_seq\":0,\"more\":0,\"messages\":[]}");
        assertThat(sync("u1", "u2", 1, 0, 0, 10, 0).json().getJsonArray("messages"))
                .isEmpty();
        assertThat(server.get("/channel/max_message_seq?channel_id=g9&channel_type=2")
                        .body())
                .isEqualTo("{\"message_seq\":0}");
        assertThat(server.get("/channel/last_message?channel_id=g9&channel_type=2")
                        .body())
                .isEqualTo(NONE);
        chat.group("g1", "u1");
        assertThat(server.get("/channel/last_message?channel_id=g1&channel_type=2")
                        .body())
                .isEqualTo(NONE);
    }

    @Test
    void the_newest_message_and_its_sequence() {
        chat.group("g1", "u1");
        chat.sendMany("u1", "g1", 3);

        String query = "?channel_id=g1&channel_type=2";
        assertThat(server.get("/channel/max_message_seq" + query).body()).isEqualTo("{\"message_seq\":3}");
        assertThat(server.get("/channel/last_message" + query + "&login_uid=u1")
                        .json()
                        .getString("client_msg_no"))
                .isEqualTo("c3");
    }

    @Test
    void who_is_named_must_be_in_the_channel() {
        chat.group("g1", "u1", "u2");
        chat.send("u1", "g1", "c1");
        chat.sendTo("u1", "u2", "c2");
        String refusal = "403 login_uid: is not a member of the channel";

        assertThat(sync("u3", "g1", 2, 0, 0, 10, 0).problem()).isEqualTo(refusal);
        assertThat(sync("u3", "u1@u2", 1, 0, 0, 10, 0).problem()).isEqualTo(refusal);
        for (String route : List.of("/channel/max_message_seq", "/channel/last_message")) {
            assertThat(server.get(route + "?channel_id=g1&channel_type=2&login_uid=u3")
                            .problem())
                    .isEqualTo(refusal);
            assertThat(server.get(route + "?channel_id=u1@u2&channel_type=1&login_uid=u3")
                            .problem())
                    .isEqualTo(refusal);
        }

        server.post(
                "/channel/subscriber_remove", "{\"channel_id\":\"g1\",\"channel_type\":2,\"subscribers\":[\"u2\"]}");
        assertThat(sync("u2", "g1", 2, 0, 0, 10, 0).problem()).isEqualTo(refusal);
    }

    @Test
    void a_disbanded_channel_can_still_be_read() {
        chat.group("g1", "u1");
        chat.send("u1", "g1", "c1");
        server.post("/channel/delete", "{\"channel_id\":\"g1\",\"channel_type\":2}");

        assertThat(Chat.seqs(sync("u1", "g1", 2, 0, 0, 10, 0).json().getJsonArray("messages")))
                .containsExactly(1L);
    }

    @Test
    void what_is_over_is_not_shown() {
        chat.group("g1", "u1");
        chat.send("u1", "g1", "c1");
        chat.send(Chat.message("u1", "g1", 2, "c2").put("expire", 3600));
        chat.send(Chat.message("u1", "g1", 2, "c3").put("expire", 3600));
        server.sql.run("update message set expires_at = now() where seq = 3");

        JsonObject answer = sync("u1", "g1", 2, 0, 0, 2, 0).json();
        assertThat(Chat.seqs(answer.getJsonArray("messages"))).containsExactly(1L, 2L);
        assertThat(answer.getInteger("more")).isZero();
        assertThat(server.get("/channel/last_message?channel_id=g1&channel_type=2")
                        .json()
                        .getLong("message_seq"))
                .isEqualTo(2);
        assertThat(server.get("/channel/max_message_seq?channel_id=g1&channel_type=2")
                        .body())
                .isEqualTo("{\"message_seq\":3}");
    }

    @Test
    void payloads_that_are_too_much_for_one_answer_are_left_to_the_next() {
        chat.group("g1", "u1");
        chat.send("u1", "g1", "c1");
        server.sql.run("update message set payload = convert_to(repeat('x', 700000), 'UTF8')");
        server.sql.run(
                "insert into message (channel, seq, from_uid, client_msg_no, flags, setting, expire, topic, payload)"
                        + " select channel, n, from_uid, 'c' || n, 0, 0, 0, '', payload from message, generate_series(2, 30) n");

        JsonObject newest = sync("u1", "g1", 2, 0, 0, 30, 0).json();
        List<Long> seqs = Chat.seqs(newest.getJsonArray("messages"));
        assertThat(newest.getInteger("more")).isEqualTo(1);
        assertThat(seqs).hasSizeBetween(20, 25).endsWith(30L);
        JsonObject rest = sync("u1", "g1", 2, seqs.getFirst() - 1, 0, 30, 0).json();
        assertThat(rest.getInteger("more")).isZero();
        assertThat(Chat.seqs(rest.getJsonArray("messages"))).startsWith(1L).endsWith(seqs.getFirst() - 1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | login_uid: is required; channel_type: is required; channel_id: is required",
                "{\"login_uid\":\"u1\",\"channel_id\":\"g1\",\"channel_type\":2,\"limit\":-1} | limit: must be an integer from 0 to 2147483647",
                "{\"login_uid\":\"u1\",\"channel_id\":\"g1\",\"channel_type\":2,\"pull_mode\":2} | pull_mode: must be an integer from 0 to 1",
                "{\"login_uid\":\"u1\",\"channel_id\":\"g1\",\"channel_type\":2,\"start_message_seq\":-1} | start_message_seq: must be an integer from 0 to 9223372036854775807",
                "{\"login_uid\":\"u 1@\",\"channel_id\":\"g1\",\"channel_type\":2} | login_uid: must not contain '@', '#', '&' or control characters",
                "{\"login_uid\":\"u1\",\"channel_id\":\"a@b@c\",\"channel_type\":1} | channel_id: must be a uid, or two with one @ between them",
                "{\"login_uid\":\"u1\",\"channel_id\":\"g1____cmd\",\"channel_type\":2} | channel_id: must not end with ____cmd",
            })
    void refuses_bad_requests_and_names_the_field(String body, String text) {
        assertThat(server.post("/channel/messagesync", body).problem()).isEqualTo("400 " + text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "channel_type=2 | channel_id: is required",
                "channel_id=g1 | channel_type: is required",
                "channel_id=g1&channel_type=0 | channel_type: must be an integer from 1 to 255",
                "channel_id=u1&channel_type=1 | login_uid: is required, or both uids in channel_id: uid@uid",
            })
    void refuses_bad_queries_and_names_the_field(String query, String text) {
        for (String route : List.of("/channel/max_message_seq", "/channel/last_message")) {
            assertThat(server.get(route + "?" + query).problem()).isEqualTo("400 " + text);
        }
    }

    /** @param table in each line start, end, limit and pull mode, the sequences that they give, and whether there are more */
    private void assertWindows(String table) {
        chat.group("g1", "u1", "u2");
        chat.sendMany("u1", "g1", 10);
        assertThat(table.lines().map(line -> {
                    String asked = line.replaceFirst(" \\|.*", "");
                    long[] numbers = Arrays.stream(asked.split(" "))
                            .mapToLong(Long::parseLong)
                            .toArray();
                    JsonObject answer = sync("u2", "g1", 2, numbers[0], numbers[1], (int) numbers[2], (int) numbers[3])
                            .json();
                    assertThat(answer.getLong("start_message_seq")).isEqualTo(numbers[0]);
                    assertThat(answer.getLong("end_message_seq")).isEqualTo(numbers[1]);
                    String seqs = Chat.seqs(answer.getJsonArray("messages")).stream()
                            .map(String::valueOf)
                            .collect(Collectors.joining(" "));
                    return (asked + " | " + seqs + " | ").replace("|  |", "| |") + answer.getInteger("more");
                }))
                .containsExactlyElementsOf(table.lines().toList());
    }

    private static ApiServer.Answer sync(
            String reader, String channel, int type, long start, long end, int limit, int pullMode) {
        return server.post(
                "/channel/messagesync",
                new JsonObject()
                        .put("login_uid", reader)
                        .put("channel_id", channel)
                        .put("channel_type", type)
                        .put("start_message_seq", start)
                        .put("end_message_seq", end)
                        .put("limit", limit)
                        .put("pull_mode", pullMode)
                        .encode());
    }

    private static List<String> channelIds(JsonArray messages) {
        return messages.stream()
                .map(message -> ((JsonObject) message).getString("channel_id"))
                .toList();
    }
}
