package dev.herald.api.presence;

import static dev.herald.it.Aside.aside;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.api.ApiServer;
import dev.herald.bus.message.SocketMessage.WatchListChanged;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class WatchRoutesIT {
    @RegisterExtension
    static final ApiServer server = ApiServer.of(Map.of());

    @Test
    void a_list_is_put_shown_and_deleted_and_every_change_is_told() {
        assertThat(list("u1")).isEmpty();
        put("{\"uid\":\"u1\",\"users\":[\"a\",\"b\",\"a\"]}");
        assertThat(list("u1")).containsExactly("a", "b");
        put("{\"uid\":\"u1\",\"users\":[]}");
        assertThat(list("u1")).isEmpty();
        put("{\"uid\":\"u1\",\"users\":[\"c\"]}");
        assertThat(list("u2")).isEmpty();
        assertThat(server.call("DELETE", "/presence/watch?uid=u1", "").status()).isEqualTo(200);
        assertThat(list("u1")).isEmpty();

        WatchListChanged told = new WatchListChanged("u1");
        await().untilAsserted(() -> assertThat(server.peers.heard()).containsExactly(told, told, told, told));
    }

    @Test
    void friends_come_and_go_one_by_one_however_many_back_ends_say_so_at_once() {
        CompletableFuture.allOf(IntStream.range(0, 20)
                        .mapToObj(i -> aside(() -> edit("{\"uid\":\"u1\",\"add\":[\"f" + i + "\"]}")))
                        .toArray(CompletableFuture[]::new))
                .join();
        edit("{\"uid\":\"u1\",\"add\":[\"f3\",\"new\"],\"remove\":[\"f4\",\"nobody\"]}");

        assertThat(list("u1")).hasSize(20).contains("f3", "new", "f0").doesNotContain("f4");
    }

    @Test
    void refuses_more_than_a_client_may_watch_and_leaves_all_as_it_was() {
        put("{\"uid\":\"u1\",\"users\":" + users(999) + "}");

        assertThat(server.call("PUT", "/presence/watch", "{\"uid\":\"u1\",\"users\":" + users(1_001) + "}")
                        .problem())
                .isEqualTo("400 users: must not hold more than 1000 uids");
        assertThat(server.post("/presence/watch", "{\"uid\":\"u1\",\"add\":[\"x\",\"y\"]}")
                        .problem())
                .isEqualTo("400 add: there must not be more than 1000 in all");
        assertThat(list("u1")).hasSize(999);
        edit("{\"uid\":\"u1\",\"add\":[\"x\",\"y\"],\"remove\":[\"n0\"]}");
        assertThat(list("u1")).hasSize(1_000);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PUT  | {\"uid\":\"u1\"}                          | users: is required",
                "PUT  | {\"users\":[]}                            | uid: is required",
                "PUT  | {\"uid\":\"u1\",\"users\":[1]}            | users[0]: must be a string",
                "POST | {\"uid\":\"u1\"}                          | add: or remove is required",
                "POST | {\"uid\":\"u1\",\"add\":[\"a\"],\"remove\":[\"a\"]} | remove: a is in add, too",
            })
    void refuses_by_name_what_is_no_list(String method, String body, String text) {
        assertThat(server.call(method, "/presence/watch", body).problem()).isEqualTo("400 " + text);
        assertThat(server.get("/presence/watch").problem()).isEqualTo("400 uid: is required");
        assertThat(server.peers.heard()).isEmpty();
    }

    private static void put(String body) {
        assertThat(server.call("PUT", "/presence/watch", body).status()).isEqualTo(200);
    }

    private static void edit(String body) {
        assertThat(server.post("/presence/watch", body).status()).isEqualTo(200);
    }

    private static List<String> list(String uid) {
        JsonObject data = server.get("/presence/watch?uid=" + uid).data();
        assertThat(data.getString("uid")).isEqualTo(uid);
        JsonArray users = data.getJsonArray("users");
        return users.stream().map(String.class::cast).toList();
    }

    private static String users(int count) {
        return IntStream.range(0, count).mapToObj(i -> "\"n" + i + "\"").collect(Collectors.joining(",", "[", "]"));
    }
}
