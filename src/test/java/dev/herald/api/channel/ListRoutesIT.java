package dev.herald.api.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.ApiServer;
import dev.herald.bus.message.Done;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ListRoutesIT {
    private static final JsonObject OK = JsonObject.of("status", 200);
    private static final String G1 = "\"channel_id\":\"g1\",\"channel_type\":2";

    @RegisterExtension
    static final ApiServer server = ApiServer.of(Map.of());

    @ParameterizedTest
    @ValueSource(strings = {"blacklist", "whitelist"})
    void a_list_grows_shrinks_and_is_replaced(String list) {
        ok(list + "_add", "[\"u2\",\"u1\",\"u2\"]");
        assertThat(uids(list)).containsExactly("u1", "u2");

        ok(list + "_remove", "[\"u1\",\"stranger\"]");
        assertThat(uids(list)).containsExactly("u2");

        ok(list + "_set", "[\"u3\",\"u2\"]");
        assertThat(uids(list)).containsExactly("u2", "u3");

        ok(list + "_set", "[]");
        assertThat(uids(list)).isEmpty();

        ok(list + "_add", "[\"u4\"]");
        assertThat(server.post("/channel/" + list + "_remove_all", "{" + G1 + "}")
                        .json())
                .isEqualTo(OK);
        assertThat(uids(list)).isEmpty();
        assertThat(revision()).isEqualTo(6);
    }

    @Test
    void the_two_lists_are_apart() {
        ok("blacklist_add", "[\"u1\"]");
        ok("whitelist_add", "[\"u2\"]");

        assertThat(uids("blacklist")).containsExactly("u1");
        assertThat(uids("whitelist")).containsExactly("u2");
    }

    @Test
    void an_entry_is_shown_as_wukongim_shows_it() {
        ok("whitelist_add", "[\"u1\"]");

        JsonObject entry = show("whitelist", "").array().getJsonObject(0);

        assertThat(entry.fieldNames()).containsExactly("id", "uid", "created_at", "updated_at");
        assertThat(entry.getLong("id")).isPositive();
        assertThat(entry.getString("updated_at")).isEqualTo(entry.getString("created_at"));
        assertThat(Duration.between(Instant.parse(entry.getString("created_at")), Instant.now()))
                .isLessThan(Duration.ofMinutes(1));
    }

    @Test
    void a_list_can_be_read_in_pages() {
        ok("whitelist_add", "[\"b\",\"a\",\"B\",\"c\"]");

        assertThat(uids(show("whitelist", "&limit=2"))).containsExactly("B", "a");
        assertThat(uids(show("whitelist", "&limit=2&after=a"))).containsExactly("b", "c");
    }

    @Test
    void a_channel_that_is_not_there_has_empty_lists_and_losing_entries_makes_none() {
        assertThat(show("whitelist", "").body()).isEqualTo("[]");

        ok("blacklist_remove", "[\"u1\"]");
        ok("whitelist_set", "[]");
        server.post("/channel/whitelist_remove_all", "{" + G1 + "}");

        assertThat(server.sql.value("select count(*) from channel")).isEqualTo("0");
    }

    @Test
    void a_change_is_told_to_the_members_and_wakes_the_fan_out() {
        server.post("/channel", "{" + G1 + ",\"subscribers\":[\"u1\"]}");
        server.sql.run("truncate cmd");
        server.peers.reset();

        ok("blacklist_add", "[\"u1\"]");

        assertThat(server.sql.rows(
                        "select channel is not null, revision, coalesce_key, convert_from(payload, 'UTF8') from cmd"))
                .containsExactly(
                        "true 2 channelUpdate:2:g1 "
                                + "{\"type\":99,\"cmd\":\"channelUpdate\",\"param\":{\"channel_id\":\"g1\",\"channel_type\":2,\"revision\":2}}");
        assertThat(server.peers.heard()).containsExactly(Done.DONE);
    }

    @Test
    void the_list_of_a_person_is_told_to_that_person_only() {
        server.post("/channel/blacklist_add", "{\"channel_id\":\"u1\",\"channel_type\":1,\"uids\":[\"u2\"]}");

        assertThat(server.sql.rows("select channel, array_to_string(uids, ','), coalesce_key from cmd"))
                .containsExactly("null u1 channelUpdate:1:u1");
    }

    @Test
    void what_changes_nothing_raises_no_revision_and_tells_nobody() {
        ok("blacklist_add", "[\"u1\"]");
        server.sql.run("truncate cmd");
        server.peers.reset();

        ok("blacklist_add", "[\"u1\"]");
        ok("blacklist_set", "[\"u1\"]");
        ok("blacklist_remove", "[\"u2\"]");
        ok("whitelist_set", "[]");

        assertThat(revision()).isEqualTo(1);
        assertThat(server.sql.value("select count(*) from cmd")).isEqualTo("0");
        assertThat(server.peers.heard()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "blacklist_add    | {} | channel_type: is required; channel_id: is required; uids: is required and must not be empty",
                "blacklist_add    | {\"channel_id\":\"g1\",\"channel_type\":2,\"uids\":[]} | uids: is required and must not be empty",
                "blacklist_add    | {\"channel_id\":\"g1\",\"channel_type\":2,\"uids\":[\"\"]} | uids[0]: must not be blank",
                "blacklist_set    | {\"channel_id\":\"g1\",\"channel_type\":2,\"uids\":[\"u1\",\"\"]} | uids[1]: must not be blank",
                "whitelist_set    | {\"channel_id\":\"g1\",\"channel_type\":2,\"uids\":\"u1\"} | uids: must be an array of strings",
                "whitelist_remove | {\"channel_id\":\"g1\",\"channel_type\":2} | uids: is required and must not be empty",
                "whitelist_remove_all | {\"channel_id\":\"g1\"} | channel_type: is required",
                "whitelist_add    | {\"channel_id\":\"a@b\",\"channel_type\":1,\"uids\":[\"u1\"]} | channel_id: must not contain '@', '#', '&' or control characters",
            })
    void refuses_bad_requests_and_names_the_field(String path, String body, String text) {
        assertThat(server.post("/channel/" + path, body).problem()).isEqualTo("400 " + text);
        assertThat(server.sql.value("select count(*) from channel")).isEqualTo("0");
    }

    @Test
    void refuses_to_show_the_list_of_no_channel() {
        assertThat(server.get("/channel/whitelist").problem())
                .isEqualTo("400 channel_type: is required; channel_id: is required");
    }

    private static void ok(String change, String uids) {
        assertThat(server.post("/channel/" + change, "{" + G1 + ",\"uids\":" + uids + "}")
                        .json())
                .isEqualTo(OK);
    }

    private static ApiServer.Answer show(String list, String page) {
        return server.get("/channel/" + list + "?channel_id=g1&channel_type=2" + page);
    }

    private static List<String> uids(String list) {
        return uids(show(list, ""));
    }

    private static List<String> uids(ApiServer.Answer answer) {
        return answer.array().stream()
                .map(JsonObject.class::cast)
                .map(entry -> entry.getString("uid"))
                .toList();
    }

    private static long revision() {
        return server.get("/channel/info?channel_id=g1&channel_type=2").json().getLong("revision");
    }
}
