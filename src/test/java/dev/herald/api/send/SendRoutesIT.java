package dev.herald.api.send;

import static dev.herald.it.Aside.aside;
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
import dev.herald.model.Delivery;
import dev.herald.model.Payload;
import dev.herald.model.Reason;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class SendRoutesIT {
    private static final String HI = "\"payload\":\"aGk=\"";
    private static final String G1 = "\"channel_id\":\"g1\",\"channel_type\":2";
    private static final String STORED = "\"header\":{\"sync_once\":1}";
    private static final String LIVE = "\"header\":{\"sync_once\":1,\"no_persist\":1}";

    @RegisterExtension
    static final ApiServer server = ApiServer.of(Map.of());

    @Test
    void a_message_is_answered_with_where_it_was_stored() {
        Answer answer = send("{" + G1 + "," + HI
                + ",\"header\":{\"red_dot\":1},\"client_msg_no\":\"no1\",\"from_uid\":\"u1\",\"expire\":4294967295}");

        assertThat(answer.json())
                .isEqualTo(new JsonObject(
                        "{\"status\":200,\"data\":{\"message_id\":1001,\"message_seq\":7,\"client_msg_no\":\"no1\"}}"));
        assertThat(server.peers.heard())
                .containsExactly(new SendMessage(
                        "u1",
                        0,
                        true,
                        ChannelKey.group("g1"),
                        "no1",
                        new Delivery.Header(false, true, false),
                        0,
                        4_294_967_295L,
                        "",
                        Payload.of("hi")));
    }

    @Test
    void a_message_without_sender_and_number_is_the_systems_with_a_number_made_here() {
        Answer answer = send("{\"channel_id\":\"u2\",\"channel_type\":1,\"payload\":[104,105],\"from_uid\":\"\"}");

        SendMessage asked = server.peers.heard(SendMessage.class).getFirst();
        assertThat(asked.fromUid()).isEqualTo("____system");
        assertThat(asked.payload()).isEqualTo(Payload.of("hi"));
        assertThat(asked.clientMsgNo())
                .matches("[0-9a-f]{32}")
                .isEqualTo(answer.data().getString("client_msg_no"));
    }

    @Test
    void setting_and_topic_are_passed_on() {
        send("{" + G1 + "," + HI + ",\"setting\":128,\"topic\":\"news\"}");

        SendMessage asked = server.peers.heard(SendMessage.class).getFirst();
        assertThat(asked.setting()).isEqualTo(128);
        assertThat(asked.topic()).isEqualTo("news");
        assertThat(send("{" + G1 + "," + HI + ",\"setting\":256}").problem()).startsWith("400 setting");
    }

    @Test
    void a_refused_message_is_told_to_be_so() {
        server.peers.answer(Addresses.MESSAGE_SEND, MessageSent.refused(Reason.BAN));

        Answer answer = send("{" + G1 + "," + HI + "}");

        assertThat(answer.problem()).isEqualTo("400 the message was refused: ban");
        assertThat(answer.json().getInteger("reason")).isEqualTo(19);
    }

    @Test
    void a_message_that_could_not_be_stored_is_not_answered_with_success() {
        server.peers.answer(
                Addresses.MESSAGE_SEND, Future.failedFuture(new HeraldException(Failure.OVERLOADED, "too many")));

        assertThat(send("{" + G1 + "," + HI + "}").problem()).isEqualTo("503 too many");
    }

    @Test
    void a_command_to_a_group_addresses_its_members_of_now() {
        server.post("/channel", "{" + G1 + ",\"subscribers\":[\"u1\"]}");
        server.sql.run("truncate cmd");
        server.peers.reset();

        Answer answer = send("{" + G1 + "," + HI + "," + STORED + ",\"from_uid\":\"u7\",\"client_msg_no\":\"no1\"}");

        assertThat(answer.json().getInteger("status")).isEqualTo(200);
        assertThat(
                        server.sql.rows(
                                "select id, channel_id, channel_type, from_uid, client_msg_no, convert_from(payload, 'UTF8'), channel = (select pk from channel), revision, with_leavers, uids from cmd"))
                .containsExactly(answer.data().getLong("message_id") + " g1 2 u7 no1 hi true 1 false null");
        assertThat(server.peers.heard()).containsExactly(Done.DONE);
    }

    @Test
    void a_command_to_a_person_addresses_both_sides_once() {
        send("{\"channel_id\":\"u2\",\"channel_type\":1," + HI + "," + STORED + ",\"from_uid\":\"u1\"}");
        send("{\"channel_id\":\"u2\",\"channel_type\":1," + HI + "," + STORED + ",\"from_uid\":\"u2\"}");
        send("{\"channel_id\":\"u2\",\"channel_type\":1," + HI + "," + STORED + "}");

        assertThat(commands()).containsExactly("u2 1 u1 u1,u2 null", "u2 1 u2 u2 null", "u2 1 ____system u2 null");
    }

    @Test
    void a_command_to_an_agent_is_in_the_channel_of_both_sides_and_addresses_them() {
        send("{\"channel_id\":\"bot\",\"channel_type\":11," + HI + "," + STORED + ",\"from_uid\":\"u1\"}");
        send("{\"channel_id\":\"u1@bot\",\"channel_type\":11," + HI + "," + STORED + ",\"from_uid\":\"bot\"}");
        send("{\"channel_id\":\"u1@bot\",\"channel_type\":11," + HI + "," + STORED + "}");

        assertThat(commands())
                .containsExactly(
                        "u1@bot 11 u1 bot,u1 null", "u1@bot 11 bot bot,u1 null", "u1@bot 11 ____system bot,u1 null");
        assertThat(send("{\"channel_id\":\"u1@\",\"channel_type\":11," + HI + "," + STORED + "}")
                        .problem())
                .isEqualTo("400 channel_id: must be a uid, or two with '@' between");
    }

    @Test
    void a_command_to_the_channel_of_a_visitor_addresses_the_visitor_whether_anybody_has_written_there_or_not() {
        send("{\"channel_id\":\"v1\",\"channel_type\":10," + HI + "," + STORED + "}");
        send("{\"channel_id\":\"v1|shop\",\"channel_type\":3," + HI + "," + STORED + "}");
        server.post("/channel", "{\"channel_id\":\"v1\",\"channel_type\":10,\"subscribers\":[\"u1\"]}");
        send("{\"channel_id\":\"v1\",\"channel_type\":10," + HI + "," + STORED + "}");

        assertThat(
                        server.sql.rows(
                                "select array_to_string(uids, ',') from cmd where from_uid = '____system' and uids is not null"))
                .containsExactly("v1", "v1");
        assertThat(
                        server.sql.rows(
                                "select m.uid from cmd c join member m on m.channel = c.channel and m.since <= c.revision order by c.id desc, uid limit 2"))
                .containsExactly("u1", "v1");
    }

    @Test
    void a_command_to_users_keeps_its_number_and_has_a_technical_channel() {
        Answer answer = send("{\"subscribers\":[\"u2\",\"u1\",\"u2\"],\"channel_id\":\"\"," + HI + "," + STORED
                + ",\"client_msg_no\":\"mine\"}");

        assertThat(answer.data().getString("client_msg_no")).isEqualTo("mine");
        assertThat(server.sql.rows("select channel_type, array_to_string(uids, ','), client_msg_no from cmd"))
                .containsExactly("8 u1,u2 mine");
        assertThat(server.sql.value("select channel_id from cmd")).matches("[0-9a-f]{32}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"channel_id\":\"u2\",\"channel_type\":1 | \"channel_id\":\"u2\",\"channel_type\":1",
                "\"subscribers\":[\"u1\",\"u2\"]          | \"subscribers\":[\"u2\",\"u1\"]",
            })
    void a_repeat_of_a_command_gets_the_first_id(String first, String repeat) {
        String rest = "," + HI + "," + STORED + ",\"from_uid\":\"u9\",\"client_msg_no\":\"no1\"}";

        long id = send("{" + first + rest).data().getLong("message_id");

        assertThat(send("{" + repeat + rest).data().getLong("message_id")).isEqualTo(id);
        assertThat(server.sql.value("select count(*) from cmd")).isEqualTo("1");
    }

    @Test
    void a_command_has_the_coalesce_key_that_it_is_given_or_none() {
        send("{\"subscribers\":[\"u1\"]," + HI + "," + STORED + ",\"coalesce_key\":\"name:u1\"}");
        send("{\"subscribers\":[\"u1\"]," + HI + "," + STORED + "}");

        assertThat(server.sql.rows("select coalesce_key from cmd order by id")).containsExactly("name:u1", "null");
        assertThat(send("{" + G1 + "," + HI + ",\"coalesce_key\":\"k\"}").problem())
                .isEqualTo("400 coalesce_key: needs header.sync_once 1");
        assertThat(send("{" + G1 + "," + HI + "," + STORED + ",\"coalesce_key\":\"herald.overflow\"}")
                        .problem())
                .isEqualTo("400 coalesce_key: must not begin with herald.");
        assertThat(send("{\"subscribers\":[\"u1\"]," + HI + "," + STORED + ",\"coalesce_key\":\"" + "x".repeat(129)
                                + "\"}")
                        .problem())
                .isEqualTo("400 coalesce_key: must not be longer than 128 bytes");
    }

    @Test
    void repeats_at_once_are_one_command() {
        List<Long> ids = IntStream.range(0, 20)
                .mapToObj(n -> aside(
                        () -> send("{\"subscribers\":[\"u1\"]," + HI + "," + STORED + ",\"client_msg_no\":\"no1\"}")
                                .data()
                                .getLong("message_id")))
                .toList()
                .stream()
                .map(CompletableFuture::join)
                .toList();

        assertThat(ids.stream().distinct()).hasSize(1);
        assertThat(server.sql.value("select count(*) from cmd")).isEqualTo("1");
    }

    @Test
    void a_command_that_is_not_stored_goes_to_the_sockets_of_the_members() {
        server.post("/channel", "{" + G1 + ",\"subscribers\":[\"u1\",\"u2\"]}");
        server.post("/channel/subscriber_remove", "{" + G1 + ",\"subscribers\":[\"u2\"]}");
        server.sql.run("truncate cmd");
        server.peers.reset();

        long id = send("{" + G1 + "," + HI + "," + LIVE + ",\"client_msg_no\":\"no1\"}")
                .data()
                .getLong("message_id");

        Push push = push();
        assertThat(push.uids()).isEqualTo(Set.of("u1"));
        assertThat(push.delivery())
                .usingRecursiveComparison()
                .ignoringFields("timestampSeconds")
                .isEqualTo(new Delivery(
                        id,
                        0,
                        "____system",
                        ChannelKey.group("g1"),
                        "no1",
                        new Delivery.Header(true, false, true),
                        0,
                        0,
                        "",
                        0,
                        Payload.of("hi")));
        assertThat(Duration.between(Instant.ofEpochSecond(push.delivery().timestampSeconds()), Instant.now()))
                .isLessThan(Duration.ofMinutes(1));
        assertThat(commands()).isEmpty();
    }

    @Test
    void a_command_that_is_not_stored_goes_to_users_on_the_systems_channel() {
        send("{\"subscribers\":[\"u1\",\"u2\"]," + HI + "," + LIVE + "}");

        Push push = push();
        assertThat(push.uids()).isEqualTo(Set.of("u1", "u2"));
        assertThat(push.delivery().channel()).isEqualTo(new ChannelKey("systemcmdonline", 8));
        assertThat(push.skipSession()).isZero();
    }

    @Test
    void a_live_command_reaches_every_member_of_a_group_of_several_pages() {
        server.post("/channel", "{" + G1 + "}");
        server.sql.run("insert into member select pk, 'u' || n, 1 from channel, generate_series(1, 25000) n");

        send("{" + G1 + "," + HI + "," + LIVE + "}");

        Awaitility.await().until(() -> server.peers.heard(Pushes.class).size() == 3);
        assertThat(server.peers.heard(Pushes.class).stream()
                        .flatMap(pushes -> pushes.list().stream())
                        .flatMap(push -> push.uids().stream())
                        .distinct())
                .hasSize(25_000);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}                     | channel_type: is required; channel_id: is required; payload: is required",
                "{\"channel_id\":\"g1\",\"payload\":\"aGk=\"} | channel_type: is required",
                "{\"channel_id\":\"g1\",\"channel_type\":2,\"payload\":\"aGk\"} | payload: must be padded standard base64, or an array of integers from 0 to 255",
                "{\"channel_id\":\"a@b\",\"channel_type\":1,\"payload\":\"aGk=\"} | channel_id: must not contain '@', '#', '&' or control characters",
                "{\"channel_id\":\"g1\",\"channel_type\":2,\"payload\":\"aGk=\",\"header\":{\"sync_once\":\"1\"}} | header.sync_once: must be 0 or 1",
                "{\"channel_id\":\"g1\",\"channel_type\":2,\"payload\":\"aGk=\",\"header\":1} | header: must be an object",
                "{\"channel_id\":\"g1\",\"channel_type\":2,\"payload\":\"aGk=\",\"from_uid\":\"a#b\"} | from_uid: must not contain '@', '#', '&' or control characters",
                "{\"channel_id\":\"g1\",\"channel_type\":2,\"payload\":\"aGk=\",\"expire\":4294967296} | expire: must be an integer from 0 to 4294967295",
                "{\"subscribers\":[\"u1\"],\"payload\":\"aGk=\"} | subscribers: needs header.sync_once 1",
                "{\"subscribers\":[\"u1\"],\"channel_id\":\"g1\",\"payload\":\"aGk=\",\"header\":{\"sync_once\":1}} | channel_id: must be empty if there are subscribers",
                "{\"subscribers\":[\"u1\",\"\"],\"payload\":\"aGk=\",\"header\":{\"sync_once\":1}} | subscribers[1]: must not be blank",
                "{\"channel_id\":\"g9\",\"channel_type\":2,\"payload\":\"aGk=\",\"header\":{\"sync_once\":1}} | channel_id: no such channel",
                "{\"channel_id\":\"g9\",\"channel_type\":2,\"payload\":\"aGk=\",\"header\":{\"sync_once\":1,\"no_persist\":1}} | channel_id: no such channel",
            })
    void refuses_bad_requests_and_names_the_field(String body, String text) {
        assertThat(send(body).problem()).isEqualTo("400 " + text);
        assertThat(server.peers.heard()).isEmpty();
        assertThat(commands()).isEmpty();
    }

    @Test
    void refuses_a_number_that_is_too_long() {
        assertThat(send("{" + G1 + "," + HI + ",\"client_msg_no\":\"" + "x".repeat(256) + "\"}")
                        .problem())
                .isEqualTo("400 client_msg_no: must not be longer than 255 bytes");
    }

    private static Answer send(String body) {
        return server.post("/message/send", body);
    }

    private static Push push() {
        Awaitility.await().until(() -> !server.peers.heard(Pushes.class).isEmpty());
        return server.peers.heard(Pushes.class).getFirst().list().getFirst();
    }

    private static List<String> commands() {
        return server.sql.rows(
                "select channel_id, channel_type, from_uid, array_to_string(uids, ','), channel from cmd order by id");
    }
}
