package dev.herald.api.presence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.api.ApiServer;
import dev.herald.api.Told;
import dev.herald.it.Sql;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class SnapshotRouteIT {
    @RegisterExtension
    static final ApiServer server = ApiServer.of(Map.of());

    private final SqlClient writer = server.pg.statements();

    @Test
    void has_a_line_for_each_user_who_is_online_between_a_cursor_and_an_end() {
        Told.crowd(writer, "p", 2_500);
        Told.user(writer, "gone", true, 1);
        Told.user(writer, "gone", false, 2);
        Told.user(writer, "here", true, 3);

        List<JsonObject> lines = snapshot();

        String cursor = lines.getFirst().getString("cursor");
        assertThat(lines.getLast())
                .isEqualTo(new JsonObject().put("end", true).put("users", 2_501).put("cursor", cursor));
        List<JsonObject> users = lines.subList(1, lines.size() - 1);
        assertThat(users)
                .extracting(user -> user.getString("uid"))
                .isSorted()
                .doesNotHaveDuplicates()
                .doesNotContain("gone")
                .hasSize(2_501);
        assertThat(users.getFirst()).isEqualTo(new JsonObject("""
                        {"uid":"here","online":true,"version":3,"since":3,"reason":"connect","node":7,"devices":{"1":1}}"""));
    }

    @Test
    void leaves_no_gap_before_its_cursor() {
        SqlConnection late = server.connect();
        Transaction transaction = Sql.await(late.begin());
        Told.user(late, "late", true, 1);
        Told.user(writer, "early", true, 2);
        List<JsonObject> lines = snapshot();
        Sql.await(transaction.commit());
        Sql.await(late.close());
        Told.user(writer, "early", false, 3);

        Map<String, JsonObject> table = new HashMap<>();
        lines.stream().filter(line -> line.containsKey("uid")).forEach(user -> apply(table, user));
        assertThat(table).containsOnlyKeys("early");
        String path = "/presence/changes?after=" + lines.getFirst().getString("cursor");
        // What others write to the same PostgreSQL at this moment may hold up the feed.
        await().untilAsserted(() -> {
            server.get(path).data().getJsonArray("changes").stream()
                    .map(JsonObject.class::cast)
                    .forEach(change -> apply(table, change));
            assertThat(table.get("late").getBoolean("online")).isTrue();
            assertThat(table.get("early").getBoolean("online")).isFalse();
        });
    }

    /** Some 40 MB, far more than the buffers between the two hold: the last page is read when the caller gets there. */
    @Test
    void reads_no_further_than_a_slow_caller_takes() throws IOException {
        String prefix = "p".repeat(200);
        Told.crowd(writer, prefix, 120_000);
        try (Socket caller = new Socket("127.0.0.1", server.port())) {
            caller.getOutputStream()
                    .write("GET /presence/snapshot HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            await().until(() -> caller.getInputStream().available() > 0);
            await().during(Duration.ofSeconds(3)).until(() -> true);
            Told.user(writer, prefix + "99999", true, 42);

            var lines = new BufferedReader(new InputStreamReader(caller.getInputStream(), StandardCharsets.UTF_8));
            List<JsonObject> users = lines.lines()
                    .filter(line -> line.contains("\"uid\""))
                    .map(line -> new JsonObject(line.substring(line.indexOf('{'))))
                    .toList();
            assertThat(users).hasSize(120_000);
            assertThat(users.getLast().getLong("version")).isEqualTo(42);
        }
    }

    private static List<JsonObject> snapshot() {
        var answer = server.get("/presence/snapshot");
        assertThat(answer.header("Content-Type")).isEqualTo("application/x-ndjson");
        return answer.body().lines().map(JsonObject::new).toList();
    }

    /** As every receiver does: the highest version wins. */
    private static void apply(Map<String, JsonObject> table, JsonObject told) {
        table.merge(
                told.getString("uid"),
                told,
                (known, fresh) -> fresh.getLong("version") > known.getLong("version") ? fresh : known);
    }
}
