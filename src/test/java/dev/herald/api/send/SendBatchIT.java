package dev.herald.api.send;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.ApiServer;
import dev.herald.api.ApiServer.Answer;
import dev.herald.bus.Addresses;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.bus.message.SocketMessage.Push;
import dev.herald.bus.message.SocketMessage.Pushes;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.model.ChannelKey;
import dev.herald.model.Reason;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class SendBatchIT {
    private static final String BATCH =
            "\"from_uid\":\"u9\",\"subscribers\":[\"u2\",\"u1\",\"u2\"],\"payload\":\"aGk=\"";

    @RegisterExtension
    static final ApiServer server = ApiServer.of(Map.of("http.max-body-bytes", "1000000"));

    @Test
    void each_person_gets_a_message_of_its_own() {
        Answer answer = send("{" + BATCH + ",\"client_msg_no\":\"no1\",\"header\":{\"red_dot\":1}}");

        assertThat(answer.json())
                .isEqualTo(
                        new JsonObject(
                                "{\"fail_uids\":[],\"reason\":[],\"client_msg_no\":\"no1\",\"messages\":[{\"uid\":\"u2\",\"message_id\":1001,\"message_seq\":7},{\"uid\":\"u1\",\"message_id\":1001,\"message_seq\":7}]}"));
        assertThat(server.peers.heard(SendMessage.class).stream().map(SendMessage::channel))
                .containsExactly(new ChannelKey("u2", 1), new ChannelKey("u1", 1));
        assertThat(server.peers.heard(SendMessage.class))
                .allMatch(sent -> sent.fromUid().equals("u9")
                        && sent.clientMsgNo().equals("no1")
                        && sent.header().redDot()
                        && sent.trusted());
    }

    @Test
    void those_that_were_refused_are_named() {
        server.peers.answer(Addresses.MESSAGE_SEND, MessageSent.refused(Reason.DISBAND));

        JsonObject answer = send("{" + BATCH + "}").json();

        assertThat(answer.getJsonArray("fail_uids")).isEqualTo(JsonArray.of("u2", "u1"));
        assertThat(answer.getJsonArray("reason"))
                .isEqualTo(JsonArray.of("the message was refused: disband", "the message was refused: disband"));
        assertThat(answer.getJsonArray("messages")).isEmpty();
    }

    @Test
    void a_batch_of_which_nothing_could_be_stored_may_be_tried_again() {
        server.peers.answer(
                Addresses.MESSAGE_SEND, Future.failedFuture(new HeraldException(Failure.OVERLOADED, "too many")));

        assertThat(send("{" + BATCH + "}").problem()).isEqualTo("503 too many");
    }

    @Test
    void a_batch_may_have_ten_thousand_receivers_and_no_more() {
        JsonArray uids = new JsonArray();
        IntStream.range(0, 10_000).forEach(n -> uids.add("u" + n));
        String rest = ",\"from_uid\":\"u9\",\"payload\":\"aGk=\"}";

        assertThat(send("{\"subscribers\":" + uids.encode() + rest).json().getJsonArray("messages"))
                .hasSize(10_000);
        assertThat(send("{\"subscribers\":" + uids.add("more").encode() + rest).problem())
                .isEqualTo("400 subscribers: must not hold more than 10000 uids");
    }

    @Test
    void a_command_is_one_row_for_all_of_them_in_the_channel_of_the_sender() {
        Answer answer = send("{" + BATCH + ",\"header\":{\"sync_once\":1},\"coalesce_key\":\"avatar:u9\"}");

        assertThat(
                        server.sql.rows(
                                "select id, channel_id, channel_type, from_uid, array_to_string(uids, ','), coalesce_key from cmd"))
                .containsExactly(answer.json().getLong("message_id") + " u9 1 u9 u1,u2 avatar:u9");
        assertThat(answer.json().getJsonArray("fail_uids")).isEmpty();
        assertThat(server.peers.heard()).containsExactly(Done.DONE);
    }

    @Test
    void a_command_that_is_not_stored_goes_to_the_sockets() {
        send("{" + BATCH + ",\"header\":{\"sync_once\":1,\"no_persist\":1}}");

        Awaitility.await().until(() -> !server.peers.heard(Pushes.class).isEmpty());
        Push push = server.peers.heard(Pushes.class).getFirst().list().getFirst();
        assertThat(push.uids()).isEqualTo(Set.of("u1", "u2"));
        assertThat(push.delivery().channel()).isEqualTo(new ChannelKey("u9", 1));
        assertThat(server.sql.value("select count(*) from cmd")).isEqualTo("0");
    }

    @Test
    void a_repeat_of_a_command_gets_the_first_id() {
        String body = "{" + BATCH + ",\"header\":{\"sync_once\":1},\"client_msg_no\":\"no1\"}";

        assertThat(send(body).body()).isEqualTo(send(body).body());
        assertThat(server.sql.value("select count(*) from cmd")).isEqualTo("1");
    }

    @Test
    void one_number_for_other_receivers_is_another_command() {
        String rest =
                "\"from_uid\":\"u9\",\"payload\":\"aGk=\",\"header\":{\"sync_once\":1},\"client_msg_no\":\"no1\"}";
        Answer first = send("{\"subscribers\":[\"u1\",\"u2\"]," + rest);
        Answer second = send("{\"subscribers\":[\"u3\"]," + rest);
        Answer again = send("{\"subscribers\":[\"u2\",\"u1\"]," + rest);

        assertThat(server.sql.rows("select array_to_string(uids, ',') from cmd order by id"))
                .containsExactly("u1,u2", "u3");
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(second.json().getString("client_msg_no")).isEqualTo("no1");
        long id = second.json().getLong("message_id");
        assertThat(server.get("/cmd/" + id).json().encode()).contains("\"client_msg_no\":\"no1\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | from_uid: is required; subscribers: is required and must not be empty; payload: is required",
                "{\"from_uid\":\"u9\",\"subscribers\":[],\"payload\":\"aGk=\"} | subscribers: is required and must not be empty",
                "{\"from_uid\":\"u9\",\"subscribers\":[\"\"],\"payload\":\"aGk=\"} | subscribers[0]: must not be blank",
                "{\"from_uid\":\"u9\",\"subscribers\":[\"u1\"],\"payload\":\"?\"} | payload: must be padded standard base64, or an array of integers from 0 to 255",
                "{\"from_uid\":\"u9\",\"subscribers\":[\"u1\"],\"payload\":\"aGk=\",\"coalesce_key\":\"k\"} | coalesce_key: needs header.sync_once 1",
                "{\"from_uid\":\"u9\",\"subscribers\":[\"u1\"],\"payload\":\"aGk=\",\"coalesce_key\":\"k\",\"expire\":5,\"header\":{\"sync_once\":1}} | coalesce_key: must be empty if there is expire",
            })
    void refuses_bad_requests_and_names_the_field(String body, String text) {
        assertThat(send(body).problem()).isEqualTo("400 " + text);
        assertThat(server.peers.heard()).isEmpty();
    }

    private static Answer send(String body) {
        return server.post("/message/sendbatch", body);
    }
}
