package dev.herald.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.postgres.PgClients;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Promise C1 against kill -9 of the packaged Herald. */
@OwnProcesses
@Timeout(180)
class CommandCrashIT {
    private static final int MEMBERS = 20_000;

    private final String postgres = Stores.freshPostgres();

    @TempDir
    private Path folder;

    @Test
    void a_command_that_was_answered_survives_a_kill_before_its_fan_out() {
        try (TestRedis redis = new TestRedis().start("--save", "");
                HeraldProcess herald = start(redis)) {
            herald.post("/channel", channel("g1", List.of("alice", "bob")));
            Awaitility.await().until(() -> pull(herald, "bob").size() == 1);

            redis.freeze();
            var answer = herald.post("/channel/info", "{\"channel_id\":\"g1\",\"channel_type\":2,\"ban\":1}");
            assertThat(answer.statusCode()).isEqualTo(200);
            herald.kill();
            redis.thaw();
            herald.start();

            try (JsonClient alice = JsonClient.connect(herald.ws(), "alice", 1)) {
                Awaitility.await()
                        .atMost(Duration.ofSeconds(20))
                        .until(() -> alice.commands().size() == 2);
                assertThat(alice.commands().getLast())
                        .startsWith("2 ")
                        .contains("\"cmd\":\"channelUpdate\"", "\"revision\":2");
            }
            assertThat(pull(herald, "bob")).hasSize(2);
        }
    }

    @Test
    void a_fan_out_that_is_killed_again_and_again_gives_every_member_one_entry() throws Exception {
        List<String> members =
                IntStream.range(0, MEMBERS).mapToObj(i -> "m" + i).toList();
        Vertx vertx = Vertx.vertx();
        Sql sql = new Sql(PgClients.open(vertx, postgres, 2).statements());
        try (TestRedis redis = new TestRedis().start("--save", "");
                HeraldProcess herald = start(redis)) {
            herald.post("/channel", channel("big", members));
            String payload = Base64.getEncoder().encodeToString("{\"type\":99,\"cmd\":\"hello\"}".getBytes());
            herald.post(
                    "/message/send",
                    "{\"header\":{\"sync_once\":1},\"channel_id\":\"big\",\"channel_type\":2,\"payload\":\"%s\"}"
                            .formatted(payload));
            for (int kills = 0; kills < 3; kills++) {
                int before = Integer.parseInt(sql.value("select coalesce(sum(written), 0) from cmd"));
                Awaitility.await()
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> Integer.parseInt(sql.value("select coalesce(sum(written), 0) from cmd")) > before
                                || "0".equals(sql.value("select count(*) from cmd where done_at is null")));
                herald.kill();
                herald.start();
            }
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> "0"
                    .equals(sql.value("select count(*) from cmd where done_at is null")));

            List<Integer> sizes = IntStream.range(0, MEMBERS)
                    .filter(i -> i % 40 == 0)
                    .mapToObj(i -> pull(herald, "m" + i).size())
                    .distinct()
                    .toList();
            assertThat(sizes).containsExactly(2);
        } finally {
            Sql.await(vertx.close());
        }
    }

    private HeraldProcess start(TestRedis redis) {
        return HeraldProcess.start(folder, Map.of("HERALD_POSTGRES_URL", postgres, "HERALD_REDIS_URL", redis.url()));
    }

    private static String channel(String id, List<String> members) {
        return new JsonObject()
                .put("channel_id", id)
                .put("channel_type", 2)
                .put("subscribers", new JsonArray(members))
                .encode();
    }

    private static JsonArray pull(HeraldProcess herald, String uid) {
        return new JsonArray(herald.post("/message/sync", "{\"uid\":\"%s\",\"limit\":100}".formatted(uid))
                .body());
    }
}
