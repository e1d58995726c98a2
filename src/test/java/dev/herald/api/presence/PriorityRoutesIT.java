package dev.herald.api.presence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.api.ApiServer;
import dev.herald.api.ApiServer.Answer;
import dev.herald.bus.message.Done;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class PriorityRoutesIT {
    @RegisterExtension
    static final ApiServer server = ApiServer.of(Map.of());

    @Test
    void adds_and_removes_at_once_and_tells_every_node() {
        assertThat(change("{\"add\":[\"u3\",\"u1\",\"u2\",\"u1\"]}").json()).isEqualTo(JsonObject.of("status", 200));
        await().until(() -> server.peers.heard().equals(List.of(Done.DONE)));
        assertThat(change("{\"add\":[\"u1\",\"u4\"],\"remove\":[\"u2\",\"nobody\"]}")
                        .status())
                .isEqualTo(200);
        await().until(() -> server.peers.heard().equals(List.of(Done.DONE, Done.DONE)));

        assertThat(list("")).isEqualTo(page(0, "u1", "u3", "u4"));
    }

    @Test
    void lists_page_by_page() {
        assertThat(list("")).isEqualTo(page(0));
        change("{\"add\":[\"a\",\"b\",\"c\"]}");

        assertThat(list("?limit=2")).isEqualTo(page(1, "a", "b"));
        assertThat(list("?limit=2&after=b")).isEqualTo(page(0, "c"));
    }

    @Test
    void refuses_more_than_every_node_could_keep_and_leaves_all_as_it_was() {
        server.sql.run("insert into presence_priority (uid) select 'a' || i from generate_series(1, 9995) i");

        assertThat(change("{\"remove\":[\"a1\"],\"add\":" + uids(7) + "}").problem())
                .isEqualTo("400 add: there must not be more than 10000 in all");
        assertThat(server.sql.value("select count(*) from presence_priority")).isEqualTo("9995");
        assertThat(change("{\"remove\":[\"a1\"],\"add\":" + uids(6) + "}").status())
                .isEqualTo(200);
        assertThat(server.sql.value("select count(*) from presence_priority")).isEqualTo("10000");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}                            | add: or remove is required",
                "{\"add\":\"u1\"}              | add: must be an array of strings",
                "{\"remove\":[1]}              | remove[0]: must be a string",
                "{\"add\":[\"u\"],\"remove\":[\"u\"]} | remove: u is in add, too",
            })
    void refuses_by_name_what_is_no_change(String body, String text) {
        assertThat(change(body).problem()).isEqualTo("400 " + text);
        assertThat(server.peers.heard()).isEmpty();
    }

    @Test
    void refuses_a_page_that_is_none() {
        assertThat(server.get("/presence/priority?limit=1001").problem())
                .isEqualTo("400 limit: must be an integer from 1 to 1000");
    }

    private static Answer change(String body) {
        return server.post("/presence/priority", body);
    }

    private static JsonObject list(String query) {
        return server.get("/presence/priority" + query).data();
    }

    private static JsonObject page(int more, String... uids) {
        return JsonObject.of("users", new JsonArray(List.of(uids)), "more", more);
    }

    private static String uids(int count) {
        return IntStream.range(0, count).mapToObj(i -> "\"n" + i + "\"").collect(Collectors.joining(",", "[", "]"));
    }
}
