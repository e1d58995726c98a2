package dev.herald.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.model.ChannelKey;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes whose ways to each other can be cut while both live and have their stores: what the bus is for is done without. */
@Waiting
@Timeout(240)
class BusFaultsIT {
    /** Twice what docs/cluster.md promises of a cut bus, as other tests run beside; without the probe a sweep takes up to 45 s. */
    private static final Duration WITHIN = Duration.ofSeconds(30);

    private static final Duration PATIENCE = Duration.ofSeconds(40);

    /** Until Hazelcast has found out that it is whole again, with a margin. */
    private static final Duration HEALED_WITHIN = Duration.ofSeconds(100);

    /** Never closed, as a class that is run once more has the same. */
    private static final Vertx VERTX = Vertx.vertx();

    private static final WebSocketClient CLIENT = VERTX.createWebSocketClient();

    @TempDir
    private static Path folder;

    private static final List<Relay> WAYS = new ArrayList<>();

    /** Those of them that carry what nodes tell each other. */
    private static final List<Relay> BUS_WAYS = new ArrayList<>();

    /** Where each is reached by the other. */
    private static final String A = "127.7.0.1";

    private static final String B = "127.7.0.2";

    private static Receiver receiver;
    private static HeraldProcess a;
    private static HeraldProcess b;

    @BeforeAll
    static void start() throws Exception {
        receiver = new Receiver(VERTX);
        Map<String, String> shared = new HashMap<>();
        shared.put("HERALD_POSTGRES_URL", Stores.freshPostgresApart());
        shared.put("HERALD_REDIS_URL", Stores.freshRedis());
        shared.put("HERALD_WEBHOOK_URL", receiver.url());
        shared.put("HERALD_WEBHOOK_SECRET", Receiver.SECRET);
        shared.put("HERALD_CLUSTER_ENABLED", "true");
        List<Integer> ports = List.of(Ports.free(), Ports.free());
        shared.put("HERALD_CLUSTER_MEMBERS", "%s:%d,%s:%d".formatted(A, ports.get(0), B, ports.get(1)));
        a = node(A, ports.get(0), shared);
        b = node(B, ports.get(1), shared);
    }

    @AfterAll
    static void stop() {
        WAYS.forEach(Relay::mend);
        WAYS.clear();
        BUS_WAYS.clear();
        List.of(a, b).forEach(HeraldProcess::kill);
    }

    @Test
    void a_cut_between_living_nodes_delays_and_loses_nothing_and_is_told_until_it_heals() {
        await().atMost(HEALED_WITHIN).until(() -> unreachable(a) == 0 && unreachable(b) == 0);
        Roamer ada = connect("ada", a);
        Roamer bob = connect("bob", b);
        Roamer kit = connect("kit", b);
        post(a, "/channel", "{\"channel_id\":\"yard\",\"channel_type\":2,\"subscribers\":[\"ada\",\"bob\"]}");
        await().until(() -> ada.commands().size() == 1 && bob.commands().size() == 1);
        speak(ada, bob, "whole");

        WAYS.forEach(Relay::cut);
        speak(ada, bob, "unnoticed");
        await().atMost(PATIENCE).until(() -> unreachable(a) == 1 && unreachable(b) == 1);
        assertThat(List.of(a, b)).allSatisfy(node -> {
            HttpResponse<String> ready = node.get(node.management() + "/ready");
            assertThat(ready.statusCode()).isEqualTo(200);
            assertThat(ready.body()).contains("no answer from nodes");
        });
        speak(ada, bob, "cut");
        comeAndGo("cat");
        post(a, "/user/device_quit", "{\"uid\":\"kit\",\"device_flag\":1}");
        await().atMost(PATIENCE).until(() -> kit.connections() == 2 && kit.isConnected());

        WAYS.forEach(Relay::mend);
        await().atMost(HEALED_WITHIN).until(() -> unreachable(a) == 0 && unreachable(b) == 0);
        assertThat(a.get(a.management() + "/ready").body()).doesNotContain("no answer from nodes");
        speak(ada, bob, "healed");

        assertThat(List.of(ada, bob)).allSatisfy(device -> {
            assertThat(device.connections()).isOne();
            assertThat(device.behind()).isEmpty();
            assertThat(device.messages())
                    .hasSize(8)
                    .allSatisfy((number, times) -> assertThat(times).as(number).hasValue(1));
        });
        assertThat(statuses("ada")).containsExactly("online");
        assertThat(statuses("bob")).containsExactly("online");
        List.of(ada, bob, kit).forEach(Roamer::close);
    }

    /** As when a firewall forgets them: what is on its way is lost, and no ping has missed its answer. */
    @Test
    void connections_that_break_lose_nothing() {
        await().atMost(HEALED_WITHIN).until(() -> unreachable(a) == 0 && unreachable(b) == 0);
        Roamer eve = connect("eve", a);
        Roamer dan = connect("dan", b);
        post(a, "/channel", "{\"channel_id\":\"hall\",\"channel_type\":2,\"subscribers\":[\"eve\",\"dan\"]}");
        await().until(() -> eve.commands().size() == 1 && dan.commands().size() == 1);
        eve.send(new ChannelKey("dan", ChannelKey.PERSON), "before");
        await().until(() -> dan.messages().containsKey("before"));

        BUS_WAYS.forEach(Relay::cut);
        eve.send(new ChannelKey("dan", ChannelKey.PERSON), "to-dan");
        eve.send(ChannelKey.group("hall"), "to-all");
        dan.send(new ChannelKey("eve", ChannelKey.PERSON), "to-eve");
        await().until(() -> eve.sent().size() == 3
                && dan.sent().size() == 1
                && BUS_WAYS.stream().allMatch(Relay::holds));
        BUS_WAYS.forEach(Relay::reset);

        await().atMost(WITHIN).untilAsserted(() -> {
            assertThat(dan.messages()).containsKeys("to-dan", "to-all");
            assertThat(eve.messages()).containsKey("to-eve");
        });
        assertThat(List.of(eve, dan))
                .allSatisfy(device -> assertThat(device.connections()).isOne());
        List.of(eve, dan).forEach(Roamer::close);
    }

    @Test
    void a_frozen_node_slows_the_others_by_seconds_and_its_clients_miss_nothing() throws Exception {
        Roamer ann = connect("ann", a);
        Roamer ben = connect("ben", a);
        Roamer far = connect("far", b);
        Signal.STOP.to(b.handle());
        long slowest = 0;
        try {
            JsonObject seen = new JsonObject(a.post("/admin/verify", "{\"uids\":[\"ann\",\"far\"]}")
                            .body())
                    .getJsonObject("data");
            assertThat(seen.getInteger("checked")).isEqualTo(2);
            assertThat(seen.getJsonArray("unanswered"))
                    .as("nodes that say nothing")
                    .hasSize(1);
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
            Signal.CONT.to(b.handle());
        }
        assertThat(Duration.ofNanos(slowest)).isLessThan(Duration.ofSeconds(20));
        await().atMost(Duration.ofSeconds(60)).until(() -> far.commands().size() == 40);
        List.of(ann, ben, far).forEach(Roamer::close);
    }

    private static HeraldProcess node(String address, int port, Map<String, String> shared) throws IOException {
        int busPort = Ports.free();
        WAYS.add(new Relay(VERTX, address, port));
        Relay bus = new Relay(VERTX, address, busPort);
        WAYS.add(bus);
        BUS_WAYS.add(bus);
        Map<String, String> own = new HashMap<>(shared);
        own.put("HERALD_CLUSTER_ADVERTISE", address);
        own.put("HERALD_CLUSTER_PORT", Integer.toString(port));
        own.put("HERALD_CLUSTER_BUS_PORT", Integer.toString(busPort));
        return HeraldProcess.start(Files.createDirectories(folder.resolve(address)), own);
    }

    /** Each tells the other in person and in their group, and the back end both by way of the other's node. */
    private static void speak(Roamer ada, Roamer bob, String word) {
        int commands = ada.commands().size();
        ada.send(new ChannelKey("bob", ChannelKey.PERSON), word + "-to-bob");
        ada.send(ChannelKey.group("yard"), word + "-by-ada");
        bob.send(new ChannelKey("ada", ChannelKey.PERSON), word + "-to-ada");
        bob.send(ChannelKey.group("yard"), word + "-by-bob");
        command(a, "bob", word);
        command(b, "ada", word);
        await().atMost(WITHIN).untilAsserted(() -> {
            assertThat(ada.messages()).containsKeys(word + "-to-ada", word + "-by-bob");
            assertThat(bob.messages()).containsKeys(word + "-to-bob", word + "-by-ada");
            assertThat(ada.commands()).hasSize(commands + 1);
            assertThat(bob.commands()).hasSize(commands + 1);
        });
        await().atMost(WITHIN).untilAsserted(() -> assertThat(Load.taken(receiver, "msg.notify"))
                .anyMatch(told -> told.contains(word + "-to-bob"))
                .anyMatch(told -> told.contains(word + "-to-ada")));
    }

    /** On the one node, asked for at the other. */
    private static void comeAndGo(String uid) {
        Roamer roamer = connect(uid, b);
        await().atMost(WITHIN).until(() -> isOnline(a, uid));
        roamer.close();
        await().atMost(WITHIN).until(() -> !isOnline(a, uid));
        await().atMost(WITHIN).untilAsserted(() -> assertThat(statuses(uid)).containsExactly("online", "offline"));
    }

    private static boolean isOnline(HeraldProcess node, String uid) {
        return !new JsonArray(node.post("/user/onlinestatus", "[\"%s\"]".formatted(uid))
                        .body())
                .isEmpty();
    }

    /** What the back end was told of the user as a whole, in order. */
    private static List<String> statuses(String uid) {
        return Load.taken(receiver, "user.onlinestatus")
                .filter(text -> text.startsWith(uid + "-"))
                .distinct()
                .map(text -> text.endsWith("-0") ? "offline" : "online")
                .toList();
    }

    private static void post(HeraldProcess node, String path, String json) {
        assertThat(node.post(path, json).statusCode()).isEqualTo(200);
    }

    private static Roamer connect(String uid, HeraldProcess node) {
        Roamer roamer = new Roamer(VERTX, CLIENT, uid, 1, node::ws);
        await().atMost(PATIENCE).until(roamer::isConnected);
        return roamer;
    }

    private static void command(HeraldProcess node, String uid, String name) {
        String payload = Base64.getEncoder()
                .encodeToString("{\"type\":99,\"cmd\":\"%s\"}".formatted(name).getBytes(StandardCharsets.UTF_8));
        post(
                node,
                "/message/send",
                "{\"header\":{\"sync_once\":1},\"subscribers\":[\"%s\"],\"payload\":\"%s\"}".formatted(uid, payload));
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
}
