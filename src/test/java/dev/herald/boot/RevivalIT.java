package dev.herald.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.config.ConfigLoader;
import dev.herald.it.Device;
import dev.herald.it.LocalNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A node whose own stores are killed under it. */
@Timeout(180)
class RevivalIT {
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path folder;

    private static LocalNode node;

    @BeforeAll
    static void start() {
        node = new LocalNode(Server.start(ConfigLoader.settings(Map.of(
                "http.port",
                "0",
                "ws.port",
                "0",
                "tcp.port",
                "0",
                "management.port",
                "0",
                "data.dir",
                folder.resolve("data").toString()))));
    }

    @AfterAll
    static void stop() {
        assertThat(node.stop()).isTrue();
        assertThat(folder.resolve("data/postgres/postmaster.pid")).doesNotExist();
        assertThat(folder.resolve("data/redis/redis.pid")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"redis/redis.pid", "postgres/postmaster.pid"})
    void a_killed_store_comes_back_and_commands_arrive_again(String pidFile) throws Exception {
        String channel = pidFile.substring(0, pidFile.indexOf('/'));
        Path pid = folder.resolve("data").resolve(pidFile);
        assertThat(node.post("/channel", channelOf(channel)).statusCode()).isEqualTo(200);

        for (int kill = 1; kill <= 3; kill++) {
            await().until(RevivalIT::isReady);
            long killed = ServerPids.kill(pid);
            await().until(() -> isAnother(pid, killed));
        }

        await().until(() -> node.post("/channel/info", muted(channel)).statusCode() == 200);
        try (Device alice = Device.eager(node.ws(), "alice", 1)) {
            await().until(() -> isTold(alice, channel));
        }
    }

    private static boolean isReady() {
        return node.get(node.management() + "/ready").statusCode() == 200;
    }

    /** The file is missing or empty for a moment. */
    private static boolean isAnother(Path file, long pid) throws IOException {
        List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
        return !lines.isEmpty() && !lines.getFirst().equals(Long.toString(pid));
    }

    private static boolean isTold(Device client, String channel) {
        return client.told().stream()
                .anyMatch(command -> command.contains("\"" + channel + "\"") && command.contains("\"revision\":2"));
    }

    private static String channelOf(String id) {
        return "{\"channel_id\":\"%s\",\"channel_type\":2,\"subscribers\":[\"alice\"]}".formatted(id);
    }

    private static String muted(String id) {
        return "{\"channel_id\":\"%s\",\"channel_type\":2,\"ban\":1}".formatted(id);
    }
}
