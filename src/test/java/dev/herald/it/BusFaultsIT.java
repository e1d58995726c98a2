package dev.herald.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.model.ChannelKey;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes that share a bus, and a third with the same stores that never finds it: what the bus is for is done without. */
@OwnProcesses
@Timeout(180)
class BusFaultsIT {
    /** What docs/cluster.md promises of a cut bus; without the probe a sweep takes up to 45 s. */
    private static final Duration COMMANDS_WITHIN = Duration.ofSeconds(15);

    private static final Duration PATIENCE = Duration.ofSeconds(40);
    /** Never closed, as a class that is run once more has the same. */
    private static final Vertx VERTX = Vertx.vertx();

    private static final WebSocketClient CLIENT = VERTX.createWebSocketClient();

    @TempDir
    private static Path folder;

    private static HeraldProcess a;
    private static HeraldProcess b;
    private static HeraldProcess apart;

    @BeforeAll
    static void start() {
        Map<String, String> stores =
                Map.of("HERALD_POSTGRES_URL", Stores.freshPostgres(), "HERALD_REDIS_URL", Stores.freshRedis());
        int first = Ports.free();
        int second = Ports.free();
        int third = Ports.free();
        String pair = "127.0.0.1:%d,127.0.0.1:%d".formatted(first, second);
        a = node("a", stores, first, pair);
        b = node("b", stores, second, pair);
        apart = node("apart", stores, third, "127.0.0.1:" + third);
    }

    @AfterAll
    static void stop() {
        List.of(a, b, apart).forEach(HeraldProcess::kill);
    }

    @Test
    void a_cut_bus_is_told_and_commands_and_kicks_arrive_by_sweeps() {
        Roamer cut = connect("cut", apart);
        await().atMost(PATIENCE).until(() -> unreachable(a) == 1 && unreachable(b) == 1 && unreachable(apart) == 2);
        assertThat(a.get(a.management() + "/ready"))
                .satisfies(ready -> assertThat(ready.statusCode()).isEqualTo(200))
                .satisfies(ready -> assertThat(ready.body()).contains("no answer from nodes"));
        for (int i = 1; i <= 3; i++) {
            int expected = i;
            command(a, "cut", "c" + i);
            await().atMost(COMMANDS_WITHIN).until(() -> cut.commands().size() == expected);
        }

        a.post("/user/device_quit", "{\"uid\":\"cut\",\"device_flag\":1}");
        await().atMost(PATIENCE).until(() -> cut.connections() == 2);
        cut.close();
    }

    @Test
    void a_frozen_node_slows_the_others_by_seconds_and_its_clients_miss_nothing() throws Exception {
        Roamer ann = connect("ann", a);
        Roamer ben = connect("ben", a);
        Roamer far = connect("far", b);
        signal(b, "STOP");
        long slowest = 0;
        try {
            for (int i = 0; i < 40; i++) {
                int expected = i + 1;
                ann.send(new ChannelKey("far", ChannelKey.PERSON), "far" + i);
                ann.send(new ChannelKey("ben", ChannelKey.PERSON), "ben" + i);
                long begun = System.nanoTime();
                command(a, "far", "f" + i);
                command(a, "ben", "b" + i);
                await().atMost(PATIENCE)
                        .until(() -> ben.commands().size() == expected
                                && ben.messages().size() == expected);
                slowest = Math.max(slowest, System.nanoTime() - begun);
            }
        } finally {
            signal(b, "CONT");
        }
        assertThat(Duration.ofNanos(slowest)).isLessThan(Duration.ofSeconds(10));
        await().atMost(Duration.ofSeconds(60)).until(() -> far.commands().size() == 40);
        List.of(ann, ben, far).forEach(Roamer::close);
    }

    private static HeraldProcess node(String name, Map<String, String> stores, int port, String members) {
        Map<String, String> own = new HashMap<>(stores);
        own.put("HERALD_CLUSTER_ENABLED", "true");
        own.put("HERALD_CLUSTER_PORT", Integer.toString(port));
        own.put("HERALD_CLUSTER_MEMBERS", members);
        try {
            return HeraldProcess.start(Files.createDirectories(folder.resolve(name)), own);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Roamer connect(String uid, HeraldProcess node) {
        Roamer roamer = new Roamer(VERTX, CLIENT, uid, 1, node::ws);
        await().atMost(PATIENCE).until(roamer::isConnected);
        return roamer;
    }

    private static void command(HeraldProcess node, String uid, String name) {
        String payload = Base64.getEncoder()
                .encodeToString("{\"type\":99,\"cmd\":\"%s\"}".formatted(name).getBytes(StandardCharsets.UTF_8));
        assertThat(node.post(
                                "/message/send",
                                "{\"header\":{\"sync_once\":1},\"subscribers\":[\"%s\"],\"payload\":\"%s\"}"
                                        .formatted(uid, payload))
                        .statusCode())
                .isEqualTo(200);
    }

    private static int unreachable(HeraldProcess node) {
        return node.get(node.management() + "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("herald_bus_peers_unreachable "))
                .map(line -> (int) Double.parseDouble(line.split(" ")[1]))
                .findFirst()
                .orElse(-1);
    }

    private static void signal(HeraldProcess node, String name) throws Exception {
        new ProcessBuilder("kill", "-" + name, Long.toString(node.handle().pid()))
                .start()
                .waitFor();
    }
}
