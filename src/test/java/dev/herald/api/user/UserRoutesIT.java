package dev.herald.api.user;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.ApiServer;
import dev.herald.bus.Addresses;
import dev.herald.bus.message.InboxMessage.OpenInbox;
import dev.herald.bus.message.PresenceMessage.KickDevice;
import dev.herald.bus.message.PresenceMessage.OnlineQuery;
import dev.herald.bus.message.PresenceMessage.OnlineRow;
import dev.herald.bus.message.PresenceMessage.OnlineRows;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class UserRoutesIT {
    private static final JsonObject OK = JsonObject.of("status", 200);

    @RegisterExtension
    static final ApiServer server = ApiServer.of(Map.of());

    @Test
    void a_token_makes_the_device_known_and_opens_its_inbox() {
        assertThat(server.post("/user/token", "{\"uid\":\"u1\",\"token\":\"t1\",\"device_flag\":1}")
                        .json())
                .isEqualTo(OK);

        assertThat(devices()).containsExactly("u1 1 0");
        assertThat(server.sql.value("select count(*) from device where position('t1'::bytea in token_hash) > 0"))
                .isEqualTo("0");
        assertThat(server.peers.heard()).containsExactly(new OpenInbox("u1", 1));
    }

    @Test
    void a_token_of_a_master_ends_the_live_sessions_of_that_device() {
        String body = "{\"uid\":\"u1\",\"token\":\"t1\",\"device_flag\":2,\"device_level\":1}";

        server.post("/user/token", body);
        assertThat(server.post("/user/token", body).json()).isEqualTo(OK);

        KickDevice kick = new KickDevice("u1", 2, "login in other device");
        OpenInbox open = new OpenInbox("u1", 2);
        assertThat(server.peers.heard()).containsExactly(kick, open, kick, open);
        assertThat(devices()).containsExactly("u1 2 1");
    }

    @ParameterizedTest
    @CsvSource({"ban,19", "disband,24"})
    void a_token_for_a_stopped_user_is_refused_by_the_status_inside(String flag, int status) {
        server.post("/channel/info", "{\"channel_id\":\"u1\",\"channel_type\":1,\"" + flag + "\":1}");
        server.peers.reset();

        var answer = server.post("/user/token", "{\"uid\":\"u1\",\"token\":\"t1\"}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json()).isEqualTo(JsonObject.of("status", status));
        assertThat(devices()).isEmpty();
        assertThat(server.peers.heard(KickDevice.class)).isEmpty();
        assertThat(server.peers.heard(OpenInbox.class)).isEmpty();
    }

    @Test
    void a_token_is_stored_also_while_there_are_no_inboxes() {
        server.peers.answer(
                Addresses.INBOX_OPEN, Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, "no inboxes now")));
        assertThat(server.post("/user/token", "{\"uid\":\"u1\",\"token\":\"t1\"}")
                        .status())
                .isEqualTo(200);

        server.peers.answer(
                Addresses.INBOX_OPEN, Future.failedFuture(new HeraldException(Failure.OVERLOADED, "too many")));
        assertThat(server.post("/user/token", "{\"uid\":\"u1\",\"token\":\"t1\"}")
                        .problem())
                .isEqualTo("503 too many");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}                                    | uid: is required; token: is required",
                "{\"uid\":\"u@1\",\"token\":\"t\"}     | uid: must not contain '@', '#', '&' or control characters",
                "{\"uid\":\"u1\",\"token\":\" \"}      | token: is required",
                "{\"uid\":\"____system\",\"token\":\"t\"} | uid: must not be the system account",
                "{\"uid\":\"u1\",\"token\":\"t\",\"device_flag\":256} | device_flag: must be an integer from 0 to 255",
                "{\"uid\":\"u1\",\"token\":\"t\",\"device_flag\":-2}  | device_flag: must be an integer from 0 to 255",
                "{\"uid\":\"u1\",\"token\":\"t\",\"device_level\":2}  | device_level: must be an integer from 0 to 1",
                "{\"uid\":7,\"token\":\"t\"}           | uid: must be a string",
            })
    void refuses_a_token_that_names_no_device(String body, String text) {
        assertThat(server.post("/user/token", body).problem()).isEqualTo("400 " + text);
        assertThat(devices()).isEmpty();
        assertThat(server.peers.heard()).isEmpty();
    }

    @Test
    void quitting_takes_the_token_and_the_sessions() {
        server.post("/user/token", "{\"uid\":\"u1\",\"token\":\"t1\",\"device_flag\":0}");
        server.post("/user/token", "{\"uid\":\"u1\",\"token\":\"t1\",\"device_flag\":1}");
        server.peers.reset();

        assertThat(server.post("/user/device_quit", "{\"uid\":\"u1\",\"device_flag\":1}")
                        .json())
                .isEqualTo(OK);
        assertThat(devices()).containsExactly("u1 0 0");

        assertThat(server.post("/user/device_quit", "{\"uid\":\"u1\",\"device_flag\":-1}")
                        .json())
                .isEqualTo(OK);
        assertThat(devices()).isEmpty();
        assertThat(server.peers.heard()).containsExactly(new KickDevice("u1", 1, ""), new KickDevice("u1", -1, ""));
    }

    @Test
    void quitting_kicks_a_device_that_never_had_a_token() {
        assertThat(server.post("/user/device_quit", "{\"uid\":\"stranger\",\"device_flag\":2}")
                        .json())
                .isEqualTo(OK);

        assertThat(server.peers.heard()).containsExactly(new KickDevice("stranger", 2, ""));
    }

    @Test
    void refuses_to_quit_nobody() {
        assertThat(server.post("/user/device_quit", "{\"device_flag\":-2}").problem())
                .isEqualTo("400 uid: is required; device_flag: must be an integer from -1 to 255");
    }

    @Test
    void shows_a_row_for_each_session_of_the_users_asked_once() {
        server.peers.answer(
                Addresses.ONLINE_QUERY,
                new OnlineRows(List.of(new OnlineRow("u1", 1, false), new OnlineRow("u1", 0, false))));

        var answer = server.post("/user/onlinestatus", "[\"u1\",\"u2\",\"u1\"]");

        assertThat(answer.array())
                .isEqualTo(
                        new JsonArray(
                                "[{\"uid\":\"u1\",\"device_flag\":1,\"online\":1},{\"uid\":\"u1\",\"device_flag\":0,\"online\":1}]"));
        assertThat(server.peers.heard()).containsExactly(new OnlineQuery(List.of("u1", "u2")));
    }

    @Test
    void nobody_online_is_an_empty_array_and_nobody_asked_is_a_status() {
        assertThat(server.post("/user/onlinestatus", "[\"u1\"]").body()).isEqualTo("[]");
        assertThat(server.post("/user/onlinestatus", "[]").json()).isEqualTo(OK);
    }

    @Test
    void what_can_be_no_uid_is_not_online() {
        assertThat(server.post("/user/onlinestatus", "[\"u1\",\"\",\"a@b\"]").body())
                .isEqualTo("[]");
        assertThat(server.peers.heard()).containsExactly(new OnlineQuery(List.of("u1")));
    }

    @Test
    void refuses_lists_that_are_none_or_too_long() {
        String many = new JsonArray(Collections.nCopies(10_001, "u")).encode();

        assertThat(server.post("/user/onlinestatus", many).problem())
                .isEqualTo("400 uids: must not hold more than 10000 items");
        assertThat(server.post("/user/onlinestatus", "{}").problem()).isEqualTo("400 body: must be a JSON array");
        assertThat(server.post("/user/onlinestatus", "[\"u1\",7]").problem())
                .isEqualTo("400 uids[1]: must be a string");
        assertThat(server.post("/user/onlinestatus", "[\"u1\"").problem())
                .isEqualTo("400 body: is not one whole JSON text");
    }

    private static List<String> devices() {
        return server.sql.rows("select uid, device_flag, device_level from device order by uid, device_flag");
    }
}
