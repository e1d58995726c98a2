package dev.herald.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.herald.config.Settings;
import dev.herald.it.Device;
import dev.herald.it.LocalNode;
import dev.herald.it.Stores;
import dev.herald.it.TestRedis;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.ConnectException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ServerIT {
    @Test
    void is_live_and_ready_on_the_port_it_took() {
        LocalNode server = LocalNode.start(Map.of());
        try {
            assertThat(server.server().config().management().port()).isPositive();
            assertThat(get(server, "/live").statusCode()).isEqualTo(200);
            HttpResponse<String> ready = get(server, "/ready");
            assertThat(ready.statusCode()).isEqualTo(200);
            JsonObject parts = new JsonObject(ready.body()).getJsonObject("parts");
            assertThat(parts.getMap())
                    .containsEntry("postgres", "up")
                    .containsEntry("redis", "up")
                    .containsEntry("ops", "up")
                    .containsEntry("clock", "up")
                    .containsEntry("node", "up");
        } finally {
            assertThat(server.stop()).isTrue();
        }
    }

    @Test
    void shows_its_metrics_without_naming_paths() {
        LocalNode server = LocalNode.start(Map.of());
        try {
            get(server, "/some/path/of/a/user");
            HttpResponse<String> metrics = get(server, "/metrics");
            assertThat(metrics.statusCode()).isEqualTo(200);
            assertThat(metrics.body())
                    .contains("jvm_memory_used_bytes", "process_cpu_usage", "vertx_http_server_requests_total")
                    .contains("herald_sessions 0", "herald_outbox_bytes 0", "herald_commands_redelivered_total 0")
                    .contains("herald_clock_offset_seconds ")
                    .doesNotContain("of/a/user");
        } finally {
            server.stop();
        }
    }

    @Test
    @SuppressWarnings("try") // one of them leaves before the other
    void knows_who_is_active_and_who_only_online() {
        LocalNode server = LocalNode.start(Map.of("presence.active-within", "PT4S", "presence.grace", "PT0S"));
        String ws = server.ws();
        try (Device ann = Device.eager(ws, "ann", 0);
                Device ben = Device.eager(ws, "ben", 0)) {
            await().untilAsserted(() -> assertThat(statuses(server)).containsExactly("online", "online"));
            ann.say("ben");

            await().untilAsserted(() -> assertThat(statuses(server)).containsExactly("active", "online"));
            await().untilAsserted(() -> assertThat(statuses(server)).containsExactly("online", "online"));
            ben.close();
            await().untilAsserted(() -> assertThat(statuses(server)).containsExactly("online", "offline"));
        } finally {
            server.stop();
        }
    }

    @Test
    void lists_its_connections_and_ends_the_one_that_is_named() {
        LocalNode server = LocalNode.start(Map.of());
        String clients = server.ws();
        try (Device phone = Device.eager(clients, "u1", 0);
                Device page = Device.eager(clients, "u1", 1)) {
            JsonArray both = connections(server);
            assertThat(both)
                    .extracting(row -> ((JsonObject) row).getString("device"))
                    .containsExactly("app", "web");
            long node = both.getJsonObject(0).getLong("node_id");
            assertThat(api(server, "GET", "/varz", "").getString("server_id")).isEqualTo(Long.toString(node));
            assertThat(api(server, "GET", "/connz?node_id=" + (node + 1), "").getInteger("status"))
                    .isEqualTo(400);

            String kick = JsonObject.of(
                            "uid", "u1", "conn_id", both.getJsonObject(0).getLong("id"))
                    .encode();
            assertThat(api(server, "POST", "/conn/kick", kick)).isEqualTo(JsonObject.of("status", 200));

            await().untilAsserted(() -> assertThat(connections(server)).hasSize(1));
            assertThat(connections(server).getJsonObject(0).getString("device")).isEqualTo("web");
            await().until(phone::isClosed);
            assertThat(page.isClosed()).isFalse();
        } finally {
            server.stop();
        }
    }

    @Test
    void listens_no_more_once_it_has_stopped() {
        LocalNode server = LocalNode.start(Map.of());

        assertThat(server.stop()).isTrue();

        assertThatThrownBy(() -> get(server, "/live")).hasCauseInstanceOf(ConnectException.class);
    }

    @Test
    void a_start_that_fails_names_the_step_and_not_the_password() {
        String none = Stores.freshPostgres().replaceFirst("//.*@(.*)/.*", "//u:hunter2@$1/none");
        Settings nobody = LocalNode.settings(Map.of("postgres.url", none));

        assertThatThrownBy(() -> Server.start(nobody))
                .isInstanceOf(StartException.class)
                .hasNoCause()
                .hasMessageMatching("migrations: postgres\\.url: .*/none as u: .*")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void a_start_waits_for_stores_that_start_with_it() throws Exception {
        try (TestRedis redis = new TestRedis();
                ExecutorService other = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<LocalNode> starting = other.submit(() -> LocalNode.start(Map.of("redis.url", redis.url())));
            await().during(Duration.ofSeconds(2)).until(() -> !starting.isDone());
            redis.start();

            LocalNode server = starting.get();
            try {
                assertThat(get(server, "/ready").statusCode()).isEqualTo(200);
            } finally {
                assertThat(server.stop()).isTrue();
            }
        }
    }

    @Test
    void a_port_in_use_fails_the_start_and_frees_what_was_taken() {
        LocalNode first = LocalNode.start(Map.of());
        try {
            String taken = Integer.toString(first.server().config().management().port());
            assertThatThrownBy(() -> LocalNode.start(Map.of("management.port", taken)))
                    .isInstanceOf(StartException.class)
                    .hasMessageStartingWith(
                            "ports: management.port=" + taken + " cannot be listened on at 127.0.0.1: ");
            assertThat(get(first, "/ready").statusCode()).isEqualTo(200);
        } finally {
            first.stop();
        }
    }

    private static List<String> statuses(LocalNode server) {
        JsonObject answer = new JsonObject(
                server.post("/presence/query", "{\"users\":[\"ann\",\"ben\"]}").body());
        return answer.getJsonObject("data").getJsonArray("users").stream()
                .map(user -> ((JsonObject) user).getString("status"))
                .toList();
    }

    private static JsonArray connections(LocalNode server) {
        return api(server, "GET", "/connz?uid=u1", "").getJsonArray("connections");
    }

    private static JsonObject api(LocalNode server, String method, String path, String body) {
        return new JsonObject(server.call(method, path, body).body());
    }

    private static HttpResponse<String> get(LocalNode server, String path) {
        return server.get(server.management() + path);
    }
}
