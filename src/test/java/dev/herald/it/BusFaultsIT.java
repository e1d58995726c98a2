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

    /** Messages of each kind that a broken connection takes along. */
    private static final int LOST = 10;

    @TempDir
    private static Path folder;

    private static final List<Relay> WAYS = new ArrayList<>();

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

    /** Shorter than the node's questions whether the other is there. */
    @Test
    void what_a_broken_connection_took_along_is_found_though_both_sides_answer() {
        await().atMost(HEALED_WITHIN).until(() -> unreachable(a) == 0 && unreachable(b) == 0);
        Roamer ida = connect("ida", a);
        Roamer ivo = connect("ivo", b);
        post(a, "/channel", "{\"channel_id\":\"lane\",\"channel_type\":2,\"subscribers\":[\"ida\",\"ivo\"]}");
        await().until(() -> ida.commands().size() == 1 && ivo.commands().size() == 1);
        write(ida, ivo, 0);
        await().atMost(WITHIN).until(() -> ivo.messages().size() == 2);
        double before = metric(b, "herald_bus_losses_total");

        List<Relay> ways = List.of(WAYS.get(1), WAYS.get(3));
        ways.forEach(Relay::cut);
        for (int i = 1; i <= LOST; i++) {
            write(ida, ivo, i);
        }
        await().until(() -> ida.sent().size() == 2 + 2 * LOST);
        ways.forEach(Relay::lose);

        await().atMost(WITHIN).until(() -> ivo.messages().size() == 2 + 2 * LOST);
        assertThat(ivo.connections()).isOne();
        assertThat(ivo.behind()).isEmpty();
        assertThat(metric(b, "herald_bus_losses_total")).isGreaterThan(before);
        List.of(ida, ivo).forEach(Roamer::close);
    }

    @Test
    void a_frozen_node_slows_the_others_by_seconds_and_its_clients_miss_nothing() throws Exception {
        Roamer ann = connect("ann", a);
        Roamer ben = connect("ben", a);
        Roamer far = connect("far", b);
        Signal.STOP.to(b.handle());
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
                command(a, "far", "f" + i);
                command(a, "ben", "b" + i);
                await().atMost(PATIENCE)
                        .until(() -> ben.commands().size() == expected
                                && ben.messages().size() == expected);
            }
        } finally {
            Signal.CONT.to(b.handle());
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> far.commands().size() == 40);
        List.of(ann, ben, far).forEach(Roamer::close);
    }

    private static void write(Roamer from, Roamer to, int number) {
        from.send(new ChannelKey(to.uid(), ChannelKey.PERSON), "in-person-" + number);
        from.send(ChannelKey.group("lane"), "in-the-lane-" + number);
    }

    private static HeraldProcess node(String address, int port, Map<String, String> shared) throws IOException {
        int busPort = Ports.free();
        WAYS.add(new Relay(VERTX, address, port));
        WAYS.add(new Relay(VERTX, address, busPort));
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
        return (int) metric(node, "herald_bus_peers_unreachable");
    }

    /** -1 while there is none. */
    private static double metric(HeraldProcess node, String name) {
        return node.get(node.management() + "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .map(line -> Double.parseDouble(line.split(" ")[1]))
                .findFirst()
                .orElse(-1.0);
    }
}
