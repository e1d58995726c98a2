package dev.herald.api.channel;

import static dev.herald.it.Aside.aside;
import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.ApiServer;
import dev.herald.bus.message.Done;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ChannelRoutesIT {
    private static final JsonObject OK = JsonObject.of("status", 200);
    private static final String G1 = "\"channel_id\":\"g1\",\"channel_type\":2";
    private static final String SHOW_G1 = "/channel/info?channel_id=g1&channel_type=2";

    @RegisterExtension
    static final ApiServer server = ApiServer.of(Map.of());

    @Test
    void makes_a_channel_with_members_and_wakes_the_fan_out() {
        ok("/channel", "{" + G1 + ",\"large\":1,\"subscribers\":[\"u1\",\"u2\"]}");

        assertThat(members()).containsExactly("u1", "u2");
        assertThat(info())
                .isEqualTo(
                        new JsonObject(
                                "{\"channel_id\":\"g1\",\"channel_type\":2,\"ban\":0,\"disband\":0,\"send_ban\":0,\"allow_stranger\":0,\"large\":1,\"commands\":1,\"attributes\":{},\"revision\":1}"));
        assertThat(server.peers.heard()).containsExactly(Done.DONE);
    }

    @Test
    void making_it_again_adds_members_and_with_reset_replaces_them() {
        ok("/channel", "{" + G1 + ",\"subscribers\":[\"u1\",\"u2\"]}");
        ok("/channel", "{" + G1 + ",\"subscribers\":[\"u3\"]}");
        assertThat(members()).containsExactly("u1", "u2", "u3");

        ok("/channel", "{" + G1 + ",\"reset\":1,\"subscribers\":[\"u3\",\"u4\"]}");
        assertThat(members()).containsExactly("u3", "u4");

        ok("/channel", "{" + G1 + ",\"reset\":1}");
        assertThat(members()).isEmpty();
    }

    @Test
    void info_overwrites_all_flags_and_keeps_attributes_that_are_not_named() {
        ok("/channel/info", "{" + G1 + ",\"ban\":1,\"send_ban\":true,\"attributes\":{\"name\":\"a\",\"n\":1}}");
        ok("/channel/info", "{" + G1 + ",\"allow_stranger\":1}");

        assertThat(info().getInteger("ban")).isZero();
        assertThat(info().getInteger("send_ban")).isZero();
        assertThat(info().getInteger("allow_stranger")).isEqualTo(1);
        assertThat(info().getJsonObject("attributes")).isEqualTo(JsonObject.of("name", "a", "n", 1));

        ok("/channel/info", "{" + G1 + ",\"attributes\":{\"name\":\"b\"}}");
        assertThat(info().getJsonObject("attributes")).isEqualTo(JsonObject.of("name", "b"));
    }

    @Test
    void the_switch_of_the_commands_is_kept_unless_it_is_named() {
        ok("/channel", "{" + G1 + ",\"commands\":0,\"subscribers\":[\"u1\"]}");
        ok("/channel", "{" + G1 + ",\"ban\":1}");
        ok("/channel/info", "{" + G1 + "}");
        patch("{" + G1 + ",\"attributes\":{\"a\":1}}");

        assertThat(info().getInteger("commands")).isZero();
        assertThat(info().getInteger("revision")).isEqualTo(4);
        assertThat(server.sql.value("select count(*) from cmd")).isEqualTo("0");

        patch("{" + G1 + ",\"commands\":1}");
        assertThat(info().getInteger("commands")).isEqualTo(1);
        ok("/channel/info", "{" + G1 + ",\"commands\":false}");
        assertThat(info().getInteger("commands")).isZero();
        assertThat(server.sql.value("select count(*) from cmd")).isEqualTo("1");
        assertThat(server.post("/channel/info", "{" + G1 + ",\"commands\":2}").problem())
                .isEqualTo("400 commands: must be 0 or 1");
    }

    @Test
    void a_back_end_that_sends_its_own_commands_switches_all_of_them_off() {
        try (ApiServer silent = ApiServer.start(Map.of("commands.on-change", "false"))) {
            silent.post("/channel", "{" + G1 + ",\"subscribers\":[\"u1\"]}");
            silent.post("/channel/info", "{" + G1 + ",\"ban\":1}");

            assertThat(silent.get(SHOW_G1).json().getInteger("revision")).isEqualTo(2);
            assertThat(silent.sql.value("select count(*) from cmd")).isEqualTo("0");
        }
    }

    @Test
    void a_repeated_change_wakes_nobody() {
        ok("/channel/info", "{" + G1 + ",\"ban\":1}");
        Awaitility.await().until(() -> !server.peers.heard().isEmpty());
        server.peers.reset();

        ok("/channel/info", "{" + G1 + ",\"ban\":1}");

        assertThat(server.peers.heard()).isEmpty();
        assertThat(info().getInteger("revision")).isEqualTo(1);
    }

    @Test
    void a_change_of_info_is_told_to_the_members() {
        ok("/channel", "{" + G1 + ",\"subscribers\":[\"u1\"]}");
        ok("/channel/info", "{" + G1 + ",\"ban\":1}");

        assertThat(
                        server.sql.rows(
                                "select channel_id, channel_type, from_uid, revision, convert_from(payload, 'UTF8') from cmd order by id desc limit 1"))
                .containsExactly(
                        "g1 2 ____system 2 "
                                + "{\"type\":99,\"cmd\":\"channelUpdate\",\"param\":{\"channel_id\":\"g1\",\"channel_type\":2,\"revision\":2}}");
    }

    @Test
    void deleting_disbands_and_keeps_the_members() {
        ok("/channel", "{" + G1 + ",\"subscribers\":[\"u1\"]}");
        ok("/channel/delete", "{" + G1 + "}");
        ok("/channel/delete", "{\"channel_id\":\"nowhere\",\"channel_type\":2}");

        assertThat(info().getInteger("disband")).isEqualTo(1);
        assertThat(members()).containsExactly("u1");
        assertThat(server.sql.value("select count(*) from channel")).isEqualTo("1");
    }

    @Test
    void a_reader_that_names_its_revision_is_told_of_no_change() {
        ok("/channel/info", "{" + G1 + ",\"ban\":1}");

        var first = server.get(SHOW_G1);
        var again = server.call("GET", SHOW_G1, "", "If-None-Match", first.header("ETag"));
        ok("/channel/info", "{" + G1 + "}");
        var changed = server.call("GET", SHOW_G1, "", "If-None-Match", first.header("ETag"));

        assertThat(first.header("ETag")).isEqualTo("\"1\"");
        assertThat(again.status()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        assertThat(again.header("ETag")).isEqualTo("\"1\"");
        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.header("ETag")).isEqualTo("\"2\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "channel_id=g9&channel_type=2 | 404 channel_id: no such channel",
                "channel_id=g1                | 400 channel_type: is required",
                "channel_id=g1&channel_type=x | 400 channel_type: must be an integer from 1 to 255",
                "channel_type=2               | 400 channel_id: is required",
            })
    void refuses_to_show_what_is_not_there(String query, String problem) {
        assertThat(server.get("/channel/info?" + query).problem()).isEqualTo(problem);
    }

    @Test
    void a_patch_changes_what_it_names() {
        ok("/channel/info", "{" + G1 + ",\"ban\":1,\"attributes\":{\"a\":{\"b\":1,\"c\":2},\"d\":3}}");

        var answer = patch("{" + G1 + ",\"send_ban\":1,\"attributes\":{\"a\":{\"b\":null},\"d\":4}}");

        assertThat(answer.json()).isEqualTo(new JsonObject("{\"status\":200,\"data\":{\"revision\":2}}"));
        assertThat(answer.header("ETag")).isEqualTo("\"2\"");
        assertThat(info().getInteger("ban")).isEqualTo(1);
        assertThat(info().getInteger("send_ban")).isEqualTo(1);
        assertThat(info().getJsonObject("attributes")).isEqualTo(new JsonObject("{\"a\":{\"c\":2},\"d\":4}"));
    }

    @Test
    void a_patch_of_a_revision_that_is_past_changes_nothing() {
        ok("/channel/info", "{" + G1 + "}");

        var lost = patch("{" + G1 + ",\"ban\":1}", "If-Match", "\"7\"");
        var won = patch("{" + G1 + ",\"ban\":1}", "If-Match", "\"1\"");

        assertThat(lost.problem()).isEqualTo("412 If-Match: the channel is at revision 1");
        assertThat(won.data().getInteger("revision")).isEqualTo(2);
    }

    @Test
    void of_patches_of_the_same_revision_one_wins() {
        ok("/channel/info", "{" + G1 + "}");

        List<Integer> statuses = IntStream.range(0, 10)
                .mapToObj(n -> aside(() -> patch("{" + G1 + ",\"attributes\":{\"n\":" + n + "}}", "If-Match", "\"1\"")
                        .status()))
                .toList()
                .stream()
                .map(CompletableFuture::join)
                .toList();

        assertThat(statuses).containsOnlyOnce(200).containsOnly(200, 412);
        assertThat(info().getInteger("revision")).isEqualTo(2);
    }

    @Test
    void refuses_to_patch_what_is_not_there() {
        assertThat(patch("{" + G1 + ",\"ban\":1}").problem()).isEqualTo("404 channel_id: no such channel");
        assertThat(patch("{" + G1 + ",\"ban\":1}", "If-Match", "*").problem())
                .isEqualTo("412 If-Match: there is no such channel");
    }

    @Test
    void refuses_attributes_that_cannot_be_kept() {
        String nul = "{" + G1 + ",\"attributes\":{\"a\":\"\\u0000\"}}";

        assertThat(server.post("/channel/info", nul).problem())
                .isEqualTo("400 attributes: must not contain the character U+0000");
        ok("/channel/info", "{" + G1 + "}");
        assertThat(patch(nul).problem()).isEqualTo("400 attributes: must not contain the character U+0000");
        assertThat(server.post("/channel/info", "{" + G1 + ",\"attributes\":{\"a\":\"" + "x".repeat(65_536) + "\"}}")
                        .problem())
                .isEqualTo("400 attributes: must not be longer than 65536 bytes");
        assertThat(server.post("/channel/info", "{" + G1 + ",\"attributes\":[]}")
                        .problem())
                .isEqualTo("400 attributes: must be an object");
    }

    @Test
    void members_come_and_go() {
        ok("/channel/subscriber_add", "{\"channel_id\":\"g1\",\"subscribers\":[\"u1\",\"u2\",\"u3\"]}");
        ok("/channel/subscriber_remove", "{" + G1 + ",\"subscribers\":[\"u2\",\"stranger\"]}");
        assertThat(members()).containsExactly("u1", "u3");

        ok("/channel/subscriber_add", "{" + G1 + ",\"reset\":1,\"subscribers\":[\"u3\",\"u4\"]}");
        assertThat(members()).containsExactly("u3", "u4");

        ok("/channel/subscriber_remove_all", "{" + G1 + "}");
        assertThat(members()).isEmpty();
        assertThat(info().getInteger("revision")).isEqualTo(4);
    }

    /** The flags of what is between two users stand in a row of its own, which a SEND asks (section 4.3, rows 4 and 5). */
    @Test
    void a_conversation_has_flags_of_its_own_however_its_two_uids_are_ordered() {
        ok("/channel/info", "{\"channel_id\":\"u1@u2\",\"channel_type\":1,\"ban\":1}");
        patchOk("{\"channel_id\":\"u2@u1\",\"channel_type\":1,\"disband\":1}");

        for (String id : List.of("u1@u2", "u2@u1")) {
            JsonObject info =
                    server.get("/channel/info?channel_type=1&channel_id=" + id).json();
            assertThat(info.getString("channel_id")).isEqualTo("u2@u1");
            assertThat(info.getInteger("ban")).isEqualTo(1);
            assertThat(info.getInteger("disband")).isEqualTo(1);
        }
        assertThat(server.sql.rows("select channel_id from channel")).containsExactly("u2@u1");
        assertThat(server.sql.rows("select uids::text from cmd")).containsExactly("{u1,u2}", "{u1,u2}");
        assertThat(server.post("/channel/changes", "{\"channels\":[{\"id\":\"u1@u2\",\"type\":1,\"revision\":1}]}")
                        .data()
                        .getJsonArray("channels"))
                .hasSize(1);
        assertThat(server.post("/channel/info", "{\"channel_id\":\"u1@\",\"channel_type\":1}")
                        .problem())
                .isEqualTo("400 channel_id: must be a uid, or two with one @ between them");
    }

    @Test
    void a_temporary_channel_has_the_members_that_were_named_last_and_tells_them_nothing() {
        ok("/tmpchannel/subscriber_set", "{\"channel_id\":\"t1\",\"uids\":[\"u1\",\"u2\"]}");
        ok("/tmpchannel/subscriber_set", "{\"channel_id\":\"t1\",\"uids\":[\"u2\",\"u3\"]}");

        assertThat(members()).containsExactly("u2", "u3");
        assertThat(server.sql.rows("select channel_id, channel_type from channel"))
                .containsExactly("t1 8");
        assertThat(server.sql.value("select count(*) from cmd")).isEqualTo("0");
    }

    @Test
    void a_visitor_stays_in_the_channel_that_is_named_after_it() {
        for (String channel :
                List.of("\"channel_id\":\"v1\",\"channel_type\":10", "\"channel_id\":\"v1|shop\",\"channel_type\":3")) {
            ok("/channel", "{" + channel + ",\"subscribers\":[\"u1\"]}");
            assertThat(members()).containsExactly("u1", "v1");
            ok("/channel/subscriber_remove", "{" + channel + ",\"subscribers\":[\"u1\",\"v1\"]}");
            ok("/channel/subscriber_remove_all", "{" + channel + "}");
            assertThat(members()).containsExactly("v1");
            server.reset();
        }
    }

    @Test
    void a_type_of_zero_means_a_group() {
        ok("/channel/subscriber_add", "{\"channel_id\":\"g1\",\"channel_type\":0,\"subscribers\":[\"u1\"]}");

        assertThat(info().getInteger("channel_type")).isEqualTo(2);
    }

    @Test
    void removing_from_a_channel_that_is_not_there_makes_none() {
        ok("/channel/subscriber_remove", "{" + G1 + ",\"subscribers\":[\"u1\"]}");
        ok("/channel/subscriber_remove_all", "{" + G1 + "}");

        assertThat(server.sql.value("select count(*) from channel")).isEqualTo("0");
    }

    @Test
    void fifty_changes_at_once_lose_no_member_and_no_revision() {
        List<CompletableFuture<Integer>> calls = IntStream.range(0, 50)
                .mapToObj(n -> aside(
                        () -> server.post("/channel/subscriber_add", "{" + G1 + ",\"subscribers\":[\"u" + n + "\"]}")
                                .status()))
                .toList();

        assertThat(calls.stream().map(CompletableFuture::join)).containsOnly(200);
        assertThat(members()).hasSize(50);
        assertThat(info().getInteger("revision")).isEqualTo(50);
        assertThat(server.sql.value("select count(distinct revision) from cmd")).isEqualTo("50");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/channel      | {}                    | channel_type: is required; channel_id: is required",
                "/channel/info | {}                    | channel_type: is required; channel_id: is required",
                "/channel      | {\"channel_id\":\"g1\",\"channel_type\":\"2\"} | channel_type: must be an integer from 1 to 255",
                "/channel      | {\"channel_id\":\"g1\",\"channel_type\":256}   | channel_type: must be an integer from 1 to 255",
                "/channel      | {\"channel_id\":\"g1____cmd\",\"channel_type\":2} | channel_id: must not end with ____cmd",
                "/channel      | {\"channel_id\":\"g\\n1\",\"channel_type\":2} | channel_id: must not contain control characters",
                "/channel      | {\"channel_id\":\"u#1\",\"channel_type\":1}   | channel_id: must not contain '@', '#', '&' or control characters",
                "/channel      | {\"channel_id\":\"u1\",\"channel_type\":1,\"subscribers\":[\"u2\"]} | subscribers: must be empty: a person channel (type 1) has no members",
                "/channel      | {\"channel_id\":\"g1\",\"channel_type\":2,\"ban\":\"1\"} | ban: must be 0 or 1",
                "/channel      | {\"channel_id\":\"g1\",\"channel_type\":2,\"subscribers\":[\"\"]} | subscribers[0]: must not be blank",
                "/channel/delete | {\"channel_id\":\"u1\",\"channel_type\":1} | channel_type: must not be 1 (person)",
                "/channel/subscriber_add | {\"channel_id\":\"u1\",\"channel_type\":1,\"subscribers\":[\"u2\"]} | channel_type: must not be 1 (person)",
                "/channel/subscriber_add | {\"channel_id\":\"g1\"} | subscribers: is required and must not be empty",
                "/channel/subscriber_add | {\"channel_id\":\"g1\",\"subscribers\":[\"u1\"],\"temp_subscriber\":1} | temp_subscriber: must be 0: there are no temporary members",
                "/channel/subscriber_remove | {\"channel_id\":\"g1\",\"channel_type\":2,\"subscribers\":[\"\"]} | subscribers[0]: must not be blank",
                "/channel/subscriber_remove | {\"channel_id\":\"u1\",\"channel_type\":1,\"subscribers\":[\"u2\"]} | channel_type: must not be 1 (person)",
                "/channel/subscriber_remove_all | {\"channel_id\":\"g1\"} | channel_type: is required",
                "/tmpchannel/subscriber_set | {\"channel_id\":\"t#1\"} | channel_id: must not contain '@', '#' or '&'; uids: is required and must not be empty",
                "/tmpchannel/subscriber_set | {\"uids\":[\"u1\"]} | channel_id: is required",
            })
    void refuses_bad_requests_and_names_the_field(String path, String body, String text) {
        assertThat(server.post(path, body).problem()).isEqualTo("400 " + text);
        assertThat(server.sql.value("select count(*) from channel")).isEqualTo("0");
    }

    @Test
    void an_id_may_have_255_bytes_and_no_more() {
        ok("/channel", "{\"channel_id\":\"" + "x".repeat(255) + "\",\"channel_type\":2}");

        assertThat(server.post("/channel", "{\"channel_id\":\"" + "x".repeat(70_000) + "\",\"channel_type\":2}")
                        .problem())
                .isEqualTo("400 channel_id: must not be longer than 255 bytes");
    }

    @Test
    void a_channel_may_not_be_given_more_than_the_limit_of_members_at_once() {
        try (ApiServer wide = ApiServer.start(Map.of("http.max-body-bytes", "1000000"))) {
            JsonArray uids = new JsonArray();
            IntStream.rangeClosed(0, 100_000).forEach(n -> uids.add("u"));

            assertThat(wide.post("/channel", "{" + G1 + ",\"subscribers\":" + uids.encode() + "}")
                            .problem())
                    .isEqualTo("400 subscribers: must not hold more than 100000 uids");
        }
    }

    private static void ok(String path, String body) {
        assertThat(server.post(path, body).json()).isEqualTo(OK);
    }

    private static ApiServer.Answer patch(String body, String... headers) {
        return server.call("PATCH", "/channel/info", body, headers);
    }

    private static void patchOk(String body) {
        assertThat(patch(body).status()).isEqualTo(200);
    }

    private static JsonObject info() {
        return server.get(SHOW_G1).json();
    }

    private static List<String> members() {
        return server.sql.rows("select uid from member where until is null order by uid");
    }
}
