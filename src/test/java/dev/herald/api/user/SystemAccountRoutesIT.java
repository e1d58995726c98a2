package dev.herald.api.user;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.ApiServer;
import dev.herald.api.ApiServer.Answer;
import io.vertx.core.json.JsonObject;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class SystemAccountRoutesIT {
    private static final JsonObject OK = JsonObject.of("status", 200);

    @RegisterExtension
    static final ApiServer server = ApiServer.withMessaging();

    @Test
    void accounts_are_added_and_removed_and_an_empty_list_is_a_list() {
        assertThat(list()).isEqualTo("[]");
        assertThat(server.post("/user/systemuids_add", "{\"uids\":[\"s2\",\"s1\",\"s2\"]}")
                        .json())
                .isEqualTo(OK);
        assertThat(server.post("/user/systemuids_add", "{\"uids\":[\"s1\",\"s3\"]}")
                        .json())
                .isEqualTo(OK);
        assertThat(list()).isEqualTo("[\"s1\",\"s2\",\"s3\"]");
        assertThat(server.post("/user/systemuids_remove", "{\"uids\":[\"s1\",\"nobody\"]}")
                        .json())
                .isEqualTo(OK);
        assertThat(list()).isEqualTo("[\"s2\",\"s3\"]");
    }

    @Test
    void a_page_that_a_browser_here_has_from_elsewhere_may_not_ask_where_no_token_is_set() {
        String body = "{\"uids\":[\"s1\"]}";
        Answer foreign = server.call("POST", "/user/systemuids_add", body, "Origin", "https://evil.example");
        assertThat(foreign.status()).isEqualTo(403);
        assertThat(foreign.problem()).contains("Origin");
        assertThat(list()).isEqualTo("[]");
        assertThat(server.call("POST", "/user/systemuids_add", body, "Origin", "http://localhost:3000")
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"uids\":[]}", "{\"uids\":null}"})
    void to_name_nobody_changes_nothing(String body) {
        assertThat(server.post("/user/systemuids_add", "{\"uids\":[\"s1\"]}").json())
                .isEqualTo(OK);

        assertThat(server.post("/user/systemuids_add", body).json()).isEqualTo(OK);
        assertThat(server.post("/user/systemuids_remove", body).json()).isEqualTo(OK);
        assertThat(list()).isEqualTo("[\"s1\"]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"uids\":[\"\"]}", "{\"uids\":[\"a@b\"]}", "{\"uids\":[1]}"})
    void what_is_no_list_of_uids_is_refused_by_name(String body) {
        for (String path : new String[] {"/user/systemuids_add", "/user/systemuids_remove"}) {
            var answer = server.post(path, body);
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.json().getString("msg")).contains("uids");
        }
    }

    @Test
    void more_than_every_node_could_keep_are_refused() {
        server.sql.run("insert into system_account (uid) select 'a' || i from generate_series(1, 9995) i");

        assertThat(add(0, 6).status()).isEqualTo(400);
        assertThat(add(0, 5).status()).isEqualTo(200);
        assertThat(add(0, 5).status()).isEqualTo(200);
        assertThat(add(5, 6).json().getString("msg")).contains("uids", "10000");
    }

    private static ApiServer.Answer add(int from, int to) {
        return server.post(
                "/user/systemuids_add",
                "{\"uids\":["
                        + IntStream.range(from, to)
                                .mapToObj(i -> "\"b" + i + "\"")
                                .collect(Collectors.joining(","))
                        + "]}");
    }

    private static String list() {
        return server.get("/user/systemuids").body();
    }
}
