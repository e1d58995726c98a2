package dev.herald.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Promise C1 against kill -9 of the packaged Herald. */
@Timeout(180)
class CommandCrashIT {
    private final String postgres = Stores.freshPostgresApart();

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

            try (Device alice = Device.eager(herald.ws(), "alice", 1)) {
                Awaitility.await()
                        .atMost(Duration.ofSeconds(40))
                        .until(() -> alice.told().size() == 2);
                assertThat(alice.told().getLast())
                        .startsWith("2 ")
                        .contains("\"cmd\":\"channelUpdate\"", "\"revision\":2");
            }
            assertThat(pull(herald, "bob")).hasSize(2);
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
