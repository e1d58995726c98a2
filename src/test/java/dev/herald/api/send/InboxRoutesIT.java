package dev.herald.api.send;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.ApiServer;
import dev.herald.bus.Addresses;
import dev.herald.bus.message.InboxMessage.Ack;
import dev.herald.bus.message.InboxMessage.AckInboxes;
import dev.herald.bus.message.InboxMessage.Entry;
import dev.herald.bus.message.InboxMessage.InboxPage;
import dev.herald.bus.message.InboxMessage.PullInbox;
import dev.herald.model.ChannelKey;
import dev.herald.model.Command;
import dev.herald.model.Payload;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class InboxRoutesIT {
    @RegisterExtension
    static final ApiServer server = ApiServer.of(Map.of());

    @Test
    void shows_commands_as_messages_with_their_place_in_the_inbox() {
        Command ofUser = new Command(9_007_199_254_740_993L, ChannelKey.group("g1"), "u7", "no1", 1755000000, hi());
        Command ofSystem = new Command(5, new ChannelKey("u1", 1), "____system", "no2", 1755000001, hi());
        server.peers.answer(
                Addresses.INBOX_PULL,
                new InboxPage(List.of(new Entry(41, ofUser), new Entry(42, ofSystem)), 42, false));

        JsonArray messages = server.post("/message/sync", "{\"uid\":\"u1\",\"message_seq\":9,\"limit\":500}")
                .array();

        assertThat(messages).isEqualTo(new JsonArray("""
                [{"header":{"no_persist":0,"red_dot":0,"sync_once":1},"setting":0,"message_id":9007199254740993,
                "message_idstr":"9007199254740993","client_msg_no":"no1","message_seq":41,"from_uid":"u7","channel_id":"g1",
                "channel_type":2,"expire":0,"timestamp":1755000000,"payload":"aGk="},
                {"header":{"no_persist":0,"red_dot":0,"sync_once":1},"setting":0,"message_id":5,
                "message_idstr":"5","client_msg_no":"no2","message_seq":42,"from_uid":"","channel_id":"u1",
                "channel_type":1,"expire":0,"timestamp":1755000001,"payload":"aGk="}]"""));
        assertThat(server.peers.heard()).containsExactly(new PullInbox("u1", OptionalInt.empty(), 500));
    }

    @Test
    void pulls_two_hundred_unless_told_and_for_a_device_if_named() {
        assertThat(server.post("/message/sync", "{\"uid\":\"u1\",\"limit\":0,\"device_flag\":1}")
                        .body())
                .isEqualTo("[]");

        assertThat(server.peers.heard()).containsExactly(new PullInbox("u1", OptionalInt.of(1), 200));
    }

    @Test
    void acknowledges_up_to_the_sequence_that_is_named() {
        assertThat(server.post("/message/syncack", "{\"uid\":\"u1\",\"last_message_seq\":42}")
                        .json())
                .isEqualTo(JsonObject.of("status", 200));
        server.post("/message/syncack", "{\"uid\":\"u1\",\"last_message_seq\":43,\"device_flag\":0}");

        assertThat(server.peers.heard())
                .containsExactly(
                        AckInboxes.of(new Ack("u1", OptionalInt.empty(), 42, true)),
                        AckInboxes.of(new Ack("u1", OptionalInt.of(0), 43, true)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/message/sync    | {}                           | uid: is required",
                "/message/sync    | {\"uid\":\"u1\",\"limit\":-1} | limit: must be an integer from 0 to 2147483647",
                "/message/sync    | {\"uid\":\"u1\",\"message_seq\":\"x\"} | message_seq: must be an integer from 0 to 9223372036854775807",
                "/message/sync    | {\"uid\":\"u1\",\"device_flag\":256} | device_flag: must be an integer from 0 to 255",
                "/message/syncack | {\"uid\":\"u1\"}             | last_message_seq: is required",
                "/message/syncack | {\"uid\":\"u1\",\"last_message_seq\":-1} | last_message_seq: must be an integer from 0 to 9223372036854775807",
                "/message/syncack | {\"last_message_seq\":1}     | uid: is required",
            })
    void refuses_bad_requests_and_names_the_field(String path, String body, String text) {
        assertThat(server.post(path, body).problem()).isEqualTo("400 " + text);
        assertThat(server.peers.heard()).isEmpty();
    }

    private static Payload hi() {
        return Payload.of("hi");
    }
}
