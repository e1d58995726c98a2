package dev.herald.api.message;

import static dev.herald.it.Aside.aside;
import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.ApiServer;
import dev.herald.api.ApiServer.Answer;
import dev.herald.api.Chat;
import dev.herald.bus.message.SocketMessage.PushEvent;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class StreamRoutesIT {
    @RegisterExtension
    static final ApiServer server = ApiServer.withMessaging();

    private final Chat chat = new Chat(server);

    @BeforeEach
    void sendOne() {
        chat.group("g1", "bot", "u1", "u2");
        chat.send(Chat.message("bot", "g1", Chat.GROUP, "c1").put("is_stream", 1));
    }

    @Test
    void parts_are_stored_in_their_order_and_told_to_the_members() {
        assertThat(append("e1", "stream.delta", text("Hel")).data())
                .isEqualTo(
                        new JsonObject(
                                "{\"client_msg_no\":\"c1\",\"event_key\":\"main\",\"event_id\":\"e1\",\"msg_event_seq\":1,"
                                        + "\"stream_status\":\"open\",\"channel_id\":\"g1\",\"channel_type\":2,\"from_uid\":\"bot\"}"));
        append("e2", "Stream.Delta", text("lo"));

        List<PushEvent> pushes = pushes(2);
        assertThat(pushes.getFirst().uids()).containsExactlyInAnyOrder("bot", "u1", "u2");
        assertThat(pushes.getFirst().id()).isEqualTo("e1");
        assertThat(pushes.get(1).type()).isEqualTo("stream.delta");
        JsonObject told = new JsonObject(pushes.get(1).data());
        assertThat(told.getLong("message_id")).isEqualTo(messageId());
        told.remove("message_id");
        assertThat(told)
                .isEqualTo(
                        new JsonObject(
                                "{\"client_msg_no\":\"c1\",\"channel_id\":\"g1\",\"channel_type\":2,\"from_uid\":\"bot\",\"event_key\":\"main\","
                                        + "\"msg_event_seq\":2,\"stream_status\":\"open\",\"payload\":{\"kind\":\"text\",\"delta\":\"lo\"}}"));
        assertThat(ids(sync("\"limit\":10"))).containsExactly("e1", "e2");
    }

    @Test
    void a_page_tells_where_the_next_begins() {
        IntStream.rangeClosed(1, 5).forEach(n -> append("e" + n, "stream.delta", text("x")));

        JsonObject first = sync("\"limit\":2");
        JsonObject second = sync("\"limit\":2,\"from_msg_event_seq\":" + first.getLong("next_msg_event_seq"));
        JsonObject last = sync("\"limit\":2,\"from_msg_event_seq\":" + second.getLong("next_msg_event_seq"));

        assertThat(ids(first)).containsExactly("e1", "e2");
        assertThat(ids(second)).containsExactly("e3", "e4");
        assertThat(ids(last)).containsExactly("e5");
        assertThat(List.of(first, second, last).stream().map(page -> page.getInteger("more")))
                .containsExactly(1, 1, 0);
        JsonObject none = sync("\"from_msg_event_seq\":5");
        assertThat(none.getJsonArray("events")).isEmpty();
        assertThat(none.getLong("next_msg_event_seq")).isEqualTo(5);
    }

    @Test
    void a_repeat_gets_the_first_answer_and_is_not_told_again() {
        Answer first = append("e1", "stream.delta", text("once"));

        assertThat(append("e1", "stream.delta", text("once")).body()).isEqualTo(first.body());

        append("e2", "stream.close", "");
        assertThat(append("e2", "stream.close", "").body())
                .isEqualTo(append("e3", "stream.cancel", "").body())
                .contains("\"event_id\":\"e2\"", "\"stream_status\":\"closed\"");
        assertThat(pushes(2)).extracting(PushEvent::id).containsExactly("e1", "e2");
    }

    @Test
    void of_the_same_event_at_once_one_is_stored_and_different_ones_at_once_have_one_sequence() {
        List<Long> seqs = IntStream.range(0, 40)
                .mapToObj(n -> aside(() ->
                        append("e" + n % 20, "stream.delta", text("x")).data().getLong("msg_event_seq")))
                .toList()
                .stream()
                .map(CompletableFuture::join)
                .toList();

        assertThat(seqs.stream().collect(Collectors.toSet()))
                .isEqualTo(IntStream.rangeClosed(1, 20).mapToObj(Long::valueOf).collect(Collectors.toSet()));
        assertThat(server.sql.value("select count(*) from message_event")).isEqualTo("20");
    }

    @Test
    void an_end_takes_the_place_of_its_deltas_and_nothing_comes_behind_it() {
        append("e1", "stream.delta", text("Hel"));
        append("e2", "stream.delta", text("lo"));
        append("e3", "tool.call", "\"payload\":{\"name\":\"search\"}");
        append("e4", "stream.close", "\"payload\":{\"end_reason\":2}");

        JsonArray events = sync("\"limit\":10").getJsonArray("events");
        assertThat(ids(sync("\"limit\":10"))).containsExactly("e3", "e4");
        assertThat(events.getJsonObject(1).getJsonObject("payload"))
                .isEqualTo(new JsonObject("{\"kind\":\"text\",\"text\":\"Hello\",\"end_reason\":2}"));
        assertThat(append("e5", "stream.delta", text("!")).problem()).isEqualTo("400 event_key: the stream has ended");
        assertThat(append("e6", "stream.delta", text("!") + ",\"event_key\":\"other\"")
                        .data()
                        .getLong("msg_event_seq"))
                .isEqualTo(5);
    }

    @Test
    void what_is_private_goes_to_the_sender_alone_and_what_is_restricted_to_nobody() {
        append("e1", "note", "\"visibility\":\"private\"");
        append("e2", "note", "\"visibility\":\"restricted\"");
        append("e3", "note", "\"visibility\":\"public\"");

        List<PushEvent> pushes = pushes(2);
        assertThat(pushes).extracting(PushEvent::id).containsExactly("e1", "e3");
        assertThat(pushes.getFirst().uids()).containsExactly("bot");
        assertThat(ids(sync("\"limit\":10"))).containsExactly("e3");
        assertThat(ids(sync("\"include_private\":1"))).containsExactly("e1", "e2", "e3");
        assertThat(append("e4", "note", "\"visibility\":\"secret\"").problem())
                .isEqualTo("400 visibility: must be public, private or restricted");
    }

    @Test
    void an_end_shows_nobody_what_was_not_for_the_same_eyes() {
        append("e1", "stream.delta", text("secret") + ",\"visibility\":\"private\"");
        append("e2", "stream.delta", text("open"));
        append("e3", "stream.close", "");

        JsonObject message = history().getJsonObject(0);

        assertThat(message.encode()).contains("\"text\":\"open\"").doesNotContain("secret");
        assertThat(ids(sync("\"include_private\":1"))).containsExactly("e1", "e3");
    }

    @Test
    void a_history_shows_what_has_come() {
        append("e1", "stream.delta", text("Hel"));
        append("e2", "stream.delta", text("lo"));
        append("e3", "stream.error", "\"event_key\":\"tool\",\"payload\":{\"error\":\"broken\"}");

        JsonObject open = history().getJsonObject(0);
        assertThat(open.getInteger("setting")).isEqualTo(2);
        assertThat(open.getString("stream_data")).isEqualTo(Chat.base64("Hello"));
        assertThat(open.containsKey("end")).isFalse();
        assertThat(open.getJsonObject("event_meta"))
                .isEqualTo(
                        new JsonObject(
                                "{\"has_events\":true,\"completed\":false,\"event_version\":3,"
                                        + "\"last_msg_event_seq\":3,\"event_count\":2,\"open_event_count\":1,\"events\":["
                                        + "{\"event_key\":\"main\",\"status\":\"open\",\"last_msg_event_seq\":2,\"snapshot\":{\"kind\":\"text\",\"text\":\"Hello\"}},"
                                        + "{\"event_key\":\"tool\",\"status\":\"error\",\"last_msg_event_seq\":3,\"error\":\"broken\"}]}"));
        assertThat(open.getJsonObject("event_sync_hint"))
                .isEqualTo(new JsonObject("{\"client_msg_no\":\"c1\",\"from_msg_event_seq\":0}"));

        append("e4", "stream.close", "\"payload\":{\"end_reason\":1}");
        append("e5", "stream.finish", "");
        JsonObject ended = history().getJsonObject(0);
        assertThat(ended.getInteger("end")).isEqualTo(1);
        assertThat(ended.getInteger("end_reason")).isEqualTo(1);
        assertThat(ended.getString("stream_data")).isEqualTo(Chat.base64("Hello"));
        assertThat(ended.getJsonObject("event_meta").getBoolean("completed")).isTrue();
    }

    @Test
    void everything_that_shows_messages_shows_it() {
        append("e1", "stream.delta", text("Hello"));
        String message = history().getJsonObject(0).encode();

        assertThat(server.get("/channel/last_message?channel_id=g1&channel_type=2")
                        .body())
                .isEqualTo(message);
        assertThat(server.get("/message/byclientmsgno?channel_id=g1&channel_type=2&client_msg_no=c1")
                        .body())
                .isEqualTo(message);
        String channel = "\"channel_id\":\"g1\",\"channel_type\":2";
        assertThat(server.post("/message", "{" + channel + ",\"client_msg_no\":\"c1\"}")
                        .body())
                .isEqualTo(message);
        for (String body : List.of(
                server.post("/messages", "{" + channel + ",\"message_seqs\":[1]}")
                        .body(),
                server.post("/conversation/sync", "{\"uid\":\"u1\",\"msg_count\":1}")
                        .body(),
                server.post("/conversation/syncByChannels", "{\"uid\":\"u1\",\"channels\":[{" + channel + "}]}")
                        .body(),
                server.post("/conversation/syncMessages", "{\"uid\":\"u1\",\"channels\":[{" + channel + "}]}")
                        .body())) {
            assertThat(body).contains(message);
        }
        assertThat(server.post(
                                "/channel/messagesync",
                                "{\"login_uid\":\"u1\"," + channel + ",\"limit\":1,\"event_summary_mode\":\"brief\"}")
                        .body())
                .contains("event_meta")
                .doesNotContain("\"snapshot\"");
    }

    @Test
    void between_two_persons_each_is_told_under_the_other() {
        chat.send(Chat.message("bot", "u1", Chat.PERSON, "p1").put("is_stream", 1));

        for (String address : List.of(
                "\"channel_id\":\"u1\",\"from_uid\":\"bot\"", "\"channel_id\":\"bot@u1\"", "\"channel_id\":\"u1\"")) {
            server.peers.reset();
            String id = "e" + address.length();
            Answer answer = server.post(
                    "/message/event",
                    "{" + address + ",\"channel_type\":1,\"client_msg_no\":\"p1\",\"event_id\":\"" + id
                            + "\",\"event_type\":\"note\"}");

            assertThat(answer.data().getString("from_uid")).as(answer.body()).isEqualTo("bot");
            assertThat(pushes(2))
                    .extracting(push -> push.uids() + " " + new JsonObject(push.data()).getString("channel_id"))
                    .containsExactlyInAnyOrder("[u1] bot", "[bot] u1");
        }
    }

    @Test
    void a_message_of_the_system_is_told_as_it_was_received() {
        chat.send(JsonObject.of("channel_id", "u1", "channel_type", 1, "client_msg_no", "s1", "payload", "aGk="));

        server.post(
                "/message/event",
                "{\"channel_id\":\"u1\",\"channel_type\":1,\"client_msg_no\":\"s1\",\"event_id\":\"e1\",\"event_type\":\"note\"}");

        PushEvent push = pushes(1).getFirst();
        assertThat(push.uids()).isEqualTo(Set.of("u1"));
        assertThat(new JsonObject(push.data()).getString("channel_id")).isEmpty();
        assertThat(new JsonObject(push.data()).getString("from_uid")).isEmpty();
    }

    @Test
    void events_go_with_their_message() {
        append("e1", "stream.delta", text("x"));

        server.sql.run("delete from message");

        assertThat(server.sql.value("select count(*) from message_event")).isEqualTo("0");
        assertThat(sync("\"limit\":10").getJsonArray("events")).isEmpty();
    }

    @Test
    void a_message_has_so_many_events_and_then_its_end() {
        append("e1", "stream.delta", text("x"));
        server.sql.run("update message_stream set last_seq = 20000");

        assertThat(append("e2", "stream.delta", text("x")).problem())
                .isEqualTo("400 client_msg_no: the message has 20000 events, or 4194304 bytes of them");
        assertThat(append("e3", "stream.close", "").data().getString("stream_status"))
                .isEqualTo("closed");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"client_msg_no\":\"c1\" | event_type: is required; event_id: is required",
                "\"client_msg_no\":\"\",\"event_type\":\"note\",\"event_id\":\"e\" | client_msg_no: is required",
                "\"client_msg_no\":\"c9\",\"event_type\":\"note\",\"event_id\":\"e\" | client_msg_no: no such message in the channel",
                "\"client_msg_no\":\"c1\",\"event_type\":\"note\",\"event_id\":7 | event_id: must be a string",
                "\"client_msg_no\":\"c1\",\"event_type\":\"note\",\"event_id\":\"e\",\"occurred_at\":-1 | occurred_at: must be an integer from 0 to 9223372036854775807",
            })
    void refuses_bad_requests_and_names_the_field(String fields, String text) {
        assertThat(server.post("/message/event", "{\"channel_id\":\"g1\",\"channel_type\":2," + fields + "}")
                        .problem())
                .isEqualTo("400 " + text);
    }

    @Test
    void what_is_not_stored_cannot_come_in_parts() {
        JsonObject message = Chat.message("bot", "g1", Chat.GROUP, "c2").put("is_stream", 1);

        for (String flag : List.of("no_persist", "sync_once")) {
            assertThat(server.post(
                                    "/message/send",
                                    message.copy()
                                            .put("header", JsonObject.of(flag, 1))
                                            .encode())
                            .problem())
                    .startsWith("400 is_stream: needs a stored message");
        }
    }

    private static Answer append(String id, String type, String rest) {
        return server.post(
                "/message/event",
                "{\"channel_id\":\"g1\",\"channel_type\":2,\"from_uid\":\"bot\",\"client_msg_no\":\"c1\",\"event_id\":\""
                        + id + "\",\"event_type\":\"" + type + "\"" + (rest.isEmpty() ? "" : "," + rest) + "}");
    }

    private static String text(String delta) {
        return "\"payload\":{\"kind\":\"text\",\"delta\":\"" + delta + "\"}";
    }

    private static JsonObject sync(String rest) {
        return server.post(
                        "/message/eventsync",
                        "{\"channel_id\":\"g1\",\"channel_type\":2,\"client_msg_no\":\"c1\"," + rest + "}")
                .data();
    }

    private static List<String> ids(JsonObject page) {
        return page.getJsonArray("events").stream()
                .map(event -> ((JsonObject) event).getString("event_id"))
                .toList();
    }

    private static JsonArray history() {
        return server.post(
                        "/channel/messagesync",
                        "{\"login_uid\":\"u1\",\"channel_id\":\"g1\",\"channel_type\":2,\"limit\":10}")
                .json()
                .getJsonArray("messages");
    }

    private static long messageId() {
        return Long.parseLong(server.sql.value("select id from message where client_msg_no = 'c1'"));
    }

    /** What the sockets heard, once it is so much. */
    private static List<PushEvent> pushes(int count) {
        Awaitility.await().until(() -> server.peers.heard(PushEvent.class).size() >= count);
        return server.peers.heard(PushEvent.class);
    }
}
