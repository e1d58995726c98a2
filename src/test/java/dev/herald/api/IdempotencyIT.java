package dev.herald.api;

import static dev.herald.it.Aside.aside;
import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.ApiServer.Answer;
import dev.herald.bus.Addresses;
import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.bus.message.PresenceMessage.KickDevice;
import dev.herald.bus.message.SocketMessage.Pushes;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.model.Reason;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class IdempotencyIT {
    private static final String[] KEY = {"Idempotency-Key", "k1"};
    private static final String G1 = "\"channel_id\":\"g1\",\"channel_type\":2";
    private static final String TOKENS = "select uid, token_hash from device";
    private static final String MESSAGE = "{" + G1 + ",\"payload\":\"aGk=\"}";
    private static final String STORED = "{\"subscribers\":[\"u1\"],\"payload\":\"aGk=\",\"header\":{\"sync_once\":1}}";
    private static final String LIVE =
            "{\"subscribers\":[\"u1\"],\"payload\":\"aGk=\",\"header\":{\"sync_once\":1,\"no_persist\":1}}";

    @RegisterExtension
    static final ApiServer server = ApiServer.of(Map.of());

    @BeforeEach
    void prepare() {
        server.sql.run("drop function if exists refuse cascade");
    }

    @Test
    void a_repeat_is_answered_as_the_first_and_does_nothing() {
        Answer first = send(LIVE);
        Answer repeat = send(LIVE);

        assertThat(repeat.status()).isEqualTo(200);
        assertThat(repeat.body()).isEqualTo(first.body());
        assertThat(repeat.header("Content-Type")).isEqualTo(first.header("Content-Type"));
        assertThat(repeat.header("Idempotency-Replayed")).isEqualTo("true");
        assertThat(first.header("Idempotency-Replayed")).isEmpty();
        Awaitility.await().until(() -> !server.peers.heard(Pushes.class).isEmpty());
        assertThat(server.peers.heard(Pushes.class)).hasSize(1);
    }

    @Test
    void a_repeat_is_known_on_another_node() {
        Answer first = send(STORED);
        try (ApiServer other = server.startBeside()) {
            Answer repeat = other.post("/message/send", STORED, KEY);

            assertThat(repeat.body()).isEqualTo(first.body());
            assertThat(repeat.header("Idempotency-Replayed")).isEqualTo("true");
            assertThat(other.peers.heard()).isEmpty();
        }
    }

    @Test
    void headers_that_matter_are_answered_again() {
        server.post("/channel", "{" + G1 + "}");
        Answer first = server.call("PATCH", "/channel/info", "{" + G1 + ",\"ban\":1}", KEY);
        server.post("/channel/info", "{" + G1 + "}");
        Answer repeat = server.call("PATCH", "/channel/info", "{" + G1 + ",\"ban\":1}", KEY);

        assertThat(first.header("ETag")).isEqualTo("\"2\"");
        assertThat(repeat.header("ETag")).isEqualTo("\"2\"");
        assertThat(server.sql.rows("select ban, revision from channel")).containsExactly("false 3");
    }

    @Test
    void another_request_with_the_key_is_refused() {
        send(STORED);

        String problem = "409 Idempotency-Key: belongs to another request";
        assertThat(send(LIVE).problem()).isEqualTo(problem);
        assertThat(server.post("/message/sendbatch", STORED, KEY).problem()).isEqualTo(problem);
        assertThat(server.post("/message/send", STORED, "Idempotency-Key", "k1", "If-Match", "\"1\"")
                        .problem())
                .isEqualTo(problem);
        assertThat(server.post("/message/send?to=another", STORED, KEY).problem())
                .isEqualTo(problem);
        assertThat(server.post("/message/send", LIVE, "Idempotency-Key", "k2").status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two words", "tab\there"})
    void refuses_a_key_that_is_none(String key) {
        assertThat(server.post("/message/send", STORED, "Idempotency-Key", key).problem())
                .isEqualTo("400 Idempotency-Key: must be 1 to 255 visible ASCII characters");
        assertThat(server.sql.value("select count(*) from cmd")).isEqualTo("0");
    }

    @Test
    void a_key_may_have_255_characters_and_no_more() {
        assertThat(server.post("/message/send", STORED, "Idempotency-Key", "x".repeat(255))
                        .status())
                .isEqualTo(200);
        assertThat(server.post("/message/send", STORED, "Idempotency-Key", "x".repeat(256))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void a_definite_refusal_stands() {
        String toNowhere = MESSAGE.replace("}", ",\"header\":{\"sync_once\":1}}");
        Answer refused = send(toNowhere);
        server.post("/channel", "{" + G1 + "}");

        Answer repeat = send(toNowhere);

        assertThat(refused.problem()).isEqualTo("400 channel_id: no such channel");
        assertThat(repeat.problem()).isEqualTo(refused.problem());
        assertThat(repeat.header("Idempotency-Replayed")).isEqualTo("true");
    }

    @ParameterizedTest
    @ValueSource(strings = {"OVERLOADED", "UNAVAILABLE", "INTERNAL"})
    void trouble_that_passes_frees_the_key_and_the_next_run_sends_the_same_message(String failure) {
        server.peers.answer(
                Addresses.MESSAGE_SEND, Future.failedFuture(new HeraldException(Failure.valueOf(failure), "no")));
        assertThat(send(MESSAGE).status()).isIn(503, 500);
        server.peers.answer(Addresses.MESSAGE_SEND, new MessageSent(Reason.SUCCESS, 5, 1));

        Answer second = send(MESSAGE);

        assertThat(second.status()).isEqualTo(200);
        assertThat(second.header("Idempotency-Replayed")).isEmpty();
        List<String> numbers = server.peers.heard(SendMessage.class).stream()
                .map(SendMessage::clientMsgNo)
                .toList();
        assertThat(numbers).hasSize(2).allMatch(number -> number.matches("[0-9a-f]{32}"));
        assertThat(numbers.stream().distinct()).hasSize(1);
    }

    @Test
    void the_number_of_a_message_is_its_own_if_it_has_one_and_differs_by_key_otherwise() {
        server.post("/message/send", MESSAGE.replace("}", ",\"client_msg_no\":\"mine\"}"), KEY);
        server.post("/message/send", MESSAGE, "Idempotency-Key", "k2");
        server.post("/message/send", MESSAGE, "Idempotency-Key", "k3");

        List<String> numbers = server.peers.heard(SendMessage.class).stream()
                .map(SendMessage::clientMsgNo)
                .toList();
        assertThat(numbers).startsWith("mine").doesNotHaveDuplicates().hasSize(3);
    }

    @Test
    void a_repeat_waits_while_the_first_is_under_way() {
        Promise<MessageSent> sent = Promise.promise();
        server.peers.answer(Addresses.MESSAGE_SEND, sent.future());
        CompletableFuture<Answer> first = aside(() -> send(MESSAGE));
        Awaitility.await().until(() -> !server.peers.heard().isEmpty());

        Answer early = send(MESSAGE);
        sent.complete(new MessageSent(Reason.SUCCESS, 5, 1));

        assertThat(early.problem()).isEqualTo("409 Idempotency-Key: the first request is under way");
        assertThat(early.header("Retry-After")).matches("[123]");
        assertThat(first.join().status()).isEqualTo(200);
        assertThat(send(MESSAGE).body()).isEqualTo(first.join().body());
        assertThat(server.peers.heard(SendMessage.class)).hasSize(1);
    }

    @Test
    void of_twenty_repeats_at_once_one_has_an_effect() {
        List<CompletableFuture<Answer>> all = IntStream.range(0, 20)
                .mapToObj(
                        n -> aside(() -> Awaitility.await().until(() -> send(LIVE), answer -> answer.status() != 409)))
                .toList();

        assertThat(all.stream().map(answer -> answer.join().body()).distinct()).hasSize(1);
        assertThat(all.stream().map(answer -> answer.join().header("Idempotency-Replayed")))
                .containsOnlyOnce("");
        Awaitility.await().until(() -> !server.peers.heard(Pushes.class).isEmpty());
        assertThat(server.peers.heard(Pushes.class)).hasSize(1);
    }

    @Test
    void a_node_that_died_after_its_commit_holds_the_key_for_a_minute_and_its_command_is_not_sent_twice() {
        Answer lost = send(STORED);

        crashed(59);
        assertThat(send(STORED).header("Retry-After")).matches("[123]");
        crashed(61);
        Answer again = send(STORED);

        assertThat(again.body()).isEqualTo(lost.body());
        assertThat(again.header("Idempotency-Replayed")).isEmpty();
        assertThat(server.sql.value("select count(*) from cmd")).isEqualTo("1");
        assertThat(send(STORED).header("Idempotency-Replayed")).isEqualTo("true");
    }

    /** So no crash can leave the one without the other, and let a repeat undo what came after it. */
    @Test
    void a_change_whose_answer_cannot_be_noted_is_not_made() {
        server.post("/channel", "{" + G1 + ",\"subscribers\":[\"u1\"]}");
        String changes =
                "select revision, (select count(*) from cmd), (select count(*) from member where until is null) from channel";
        List<String> before = server.sql.rows(changes);
        refuseAnswers();

        assertThat(remove().status()).isEqualTo(500);
        assertThat(server.sql.rows(changes)).isEqualTo(before);
        server.sql.run("drop function refuse cascade");
        Answer made = remove();
        server.post("/channel/subscriber_add", "{" + G1 + ",\"subscribers\":[\"u1\"]}");
        refuseAnswers();
        Answer repeat = remove();

        assertThat(made.header("Idempotency-Replayed")).isEmpty();
        assertThat(repeat.header("Idempotency-Replayed")).isEqualTo("true");
        assertThat(server.sql.rows("select uid from member where until is null"))
                .containsExactly("u1");
    }

    /** As after a node that slept for a minute between a key and its change. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST  | channel  | /channel/subscriber_remove | ,\"subscribers\":[\"u1\"]}",
                "POST  | channel  | /channel/blacklist_add     | ,\"uids\":[\"u1\"]}",
                "PATCH | channel  | /channel/info              | ,\"ban\":1}",
                "POST  | presence_priority | /presence/priority     | ,\"add\":[\"u1\"]}",
                "PUT   | watch_list     | /presence/watch         | ,\"uid\":\"u1\",\"users\":[\"u2\"]}",
                "POST  | system_account | /user/systemuids_add    | ,\"uids\":[\"u1\"]}",
                "POST  | member         | /conversations/setUnread | ,\"uid\":\"u1\",\"unread\":1}",
                "PATCH | webhook_endpoint | /webhooks/one       | ,\"url\":\"https://other.example/\"}",
                "POST  | webhook_endpoint | /webhooks/one/pause | ,}",
                "POST  | webhook_endpoint | /webhooks/one/rotate | ,}",
                "DELETE | webhook_endpoint | /webhooks/one      | ,}",
                "POST  | webhook_endpoint | /webhooks           | ,\"id\":\"two\",\"url\":\"https://other.example/\"}",
            })
    void a_change_whose_key_a_later_run_has_taken_meanwhile_is_not_made(
            String method, String table, String path, String body) {
        server.post("/channel", "{" + G1 + ",\"subscribers\":[\"u1\"]}");
        server.post("/webhooks", "{\"id\":\"one\",\"url\":\"https://one.example/\"}");
        String state = "select revision, ban, (select count(*) from member where until is null),"
                + " (select count(*) from listed), (select count(*) from presence_priority), (select count(*) from watch_list),"
                + " (select count(*) from system_account), (select string_agg(w::text, '' order by id) from webhook_endpoint w) from channel";
        List<String> before = server.sql.rows(state);
        server.sql.run("create function refuse() returns trigger language plpgsql as "
                + "$$ begin update idempotency set run = run + 1; return null; end $$");
        server.sql.run("create trigger refuse after insert or update on " + table
                + " for each statement execute function refuse()");

        String own = path.startsWith("/channel/") || path.startsWith("/conversations/")
                ? "{" + G1 + body
                : "{" + body.substring(1);
        assertThat(server.call(method, path, own, KEY).problem())
                .isEqualTo("409 Idempotency-Key: a later run has taken it");
        assertThat(server.sql.rows(state)).isEqualTo(before);
    }

    @Test
    void a_token_that_is_run_again_is_set_and_kicks_once_more_unless_another_was_set_or_the_device_has_quit() {
        String first = "{\"uid\":\"u1\",\"token\":\"first\",\"device_level\":1}";
        server.post("/user/token", first, KEY);
        crashed(61);
        assertThat(server.post("/user/token", first, KEY).status()).isEqualTo(200);
        assertThat(server.peers.heard(KickDevice.class)).hasSize(2);

        crashed(61);
        server.post("/user/token", "{\"uid\":\"u1\",\"token\":\"second\"}");
        List<String> second = server.sql.rows(TOKENS);
        assertThat(server.post("/user/token", first, KEY).status()).isEqualTo(200);
        assertThat(server.sql.rows(TOKENS)).isEqualTo(second).hasSize(1);

        crashed(61);
        server.post("/user/device_quit", "{\"uid\":\"u1\",\"device_flag\":-1}");
        assertThat(server.post("/user/token", first, KEY).status()).isEqualTo(200);
        assertThat(server.sql.rows(TOKENS)).isEmpty();
        assertThat(server.peers.heard(KickDevice.class)).as("of the quit").hasSize(3);
    }

    @Test
    void a_quit_that_is_run_again_leaves_a_token_that_was_set_since() {
        String quit = "{\"uid\":\"u1\"}";
        server.post("/user/token", "{\"uid\":\"u1\",\"token\":\"first\"}");
        server.post("/user/device_quit", quit, KEY);
        assertThat(server.sql.rows(TOKENS)).isEmpty();
        crashed(61);
        server.post("/user/token", "{\"uid\":\"u1\",\"token\":\"second\"}");
        assertThat(server.post("/user/device_quit", quit, KEY).status()).isEqualTo(200);
        assertThat(server.sql.rows(TOKENS)).hasSize(1);
        assertThat(server.peers.heard(KickDevice.class)).hasSize(1);
    }

    @Test
    void an_answer_that_cannot_be_noted_is_given_all_the_same() {
        refuseAnswers();

        assertThat(send(STORED).status()).isEqualTo(200);
        assertThat(send(STORED).status()).isEqualTo(409);
    }

    @Test
    void a_key_is_free_for_anything_when_its_time_is_over() {
        send(STORED);
        server.sql.run("update idempotency set taken_at = now() - interval '25 hours'");

        Answer other = send(LIVE);

        assertThat(other.status()).isEqualTo(200);
        assertThat(other.header("Idempotency-Replayed")).isEmpty();
        assertThat(send(LIVE).header("Idempotency-Replayed")).isEqualTo("true");
    }

    @Test
    void what_only_asks_is_answered_anew() {
        server.post("/message/sync", "{\"uid\":\"u1\"}", KEY);
        server.post("/message/sync", "{\"uid\":\"u1\"}", KEY);
        server.post("/user/onlinestatus", "[\"u1\"]", KEY);

        assertThat(server.peers.heard()).hasSize(3);
        assertThat(server.sql.value("select count(*) from idempotency")).isEqualTo("0");
    }

    private static void refuseAnswers() {
        server.sql.run("create function refuse() returns trigger language plpgsql as "
                + "$$ begin raise exception 'refused by the test'; end $$");
        server.sql.run("create trigger refuse before update on idempotency for each row execute function refuse()");
    }

    /** As a node leaves its key that dies before it has noted its answer. */
    private static void crashed(int secondsAgo) {
        server.sql.run("update idempotency set status = null, headers = null, body = null, "
                + "taken_at = now() - interval '" + secondsAgo + " seconds'");
    }

    private static Answer remove() {
        return server.post("/channel/subscriber_remove", "{" + G1 + ",\"subscribers\":[\"u1\"]}", KEY);
    }

    private static Answer send(String body) {
        return server.post("/message/send", body, KEY);
    }
}
