package dev.herald.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.model.ChannelKey;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes: whoever is told something is told it on whatever node the connection is, once and at once. */
@Timeout(120)
class RoutingIT {
    /** Never closed, as a class that is run once more has the same. */
    private static final Vertx VERTX = Vertx.vertx();

    private static final WebSocketClient CLIENT = VERTX.createWebSocketClient();

    @TempDir
    private static Path folder;

    private static ThreeNodes nodes;
    private static String redis;
    private static Receiver receiver;

    @BeforeAll
    static void start() {
        receiver = new Receiver(VERTX);
        redis = Stores.freshRedis();
        nodes = ThreeNodes.start(
                folder,
                Map.of(
                        "HERALD_POSTGRES_URL",
                        Stores.freshPostgresApart(),
                        "HERALD_REDIS_URL",
                        redis,
                        "HERALD_WEBHOOK_URL",
                        receiver.url(),
                        "HERALD_WEBHOOK_EVENTS",
                        "user.onlinestatus,msg.notify,msg.offline,cmd.acknowledged",
                        "HERALD_WEBHOOK_SECRET",
                        Receiver.SECRET));
    }

    @AfterAll
    static void stop() {
        nodes.close();
    }

    @Test
    void commands_and_group_messages_reach_members_on_every_node_once() {
        List<Roamer> members = connected("g", 2);
        post(0, "/channel", channel("garden", members));
        ChannelKey group = ChannelKey.group("garden");
        List<String> numbers = new ArrayList<>();
        for (Roamer member : members) {
            for (int i = 0; i < 20; i++) {
                numbers.add(member.uid() + "-" + i);
                member.send(group, numbers.getLast());
            }
        }
        for (int i = 0; i < 30; i++) {
            command(i % 3, "garden", "c" + i);
        }

        await().untilAsserted(() -> assertThat(members).allSatisfy(member -> {
            List<String> others = numbers.stream()
                    .filter(number -> !number.startsWith(member.uid() + "-"))
                    .toList();
            assertThat(counts(member.messages())).isEqualTo(onceEach(others));
            assertThat(member.commands().values()).hasSize(31).allSatisfy(once -> assertThat(once)
                    .hasValue(1));
        }));
        members.forEach(Roamer::close);
    }

    @Test
    void person_messages_reach_all_devices_of_both_sides_wherever_they_are() {
        List<Roamer> ann = List.of(connect("ann", 0, 0), connect("ann", 1, 1));
        List<Roamer> ben = List.of(connect("ben", 0, 1), connect("ben", 1, 2), connect("ben", 2, 2));
        List<String> numbers = IntStream.range(0, 50).mapToObj(i -> "p" + i).toList();

        numbers.forEach(number -> ann.get(0).send(new ChannelKey("ben", ChannelKey.PERSON), number));

        await().untilAsserted(() -> {
            assertThat(ben)
                    .allSatisfy(device -> assertThat(counts(device.messages())).isEqualTo(onceEach(numbers)));
            assertThat(counts(ann.get(1).messages())).isEqualTo(onceEach(numbers));
        });
        assertThat(ben).allSatisfy(device -> assertThat(device.texts().stream()
                        .filter(text -> text.contains("content"))
                        .map(RoutingIT::number))
                .isSorted());
        assertThat(ann.get(0).messages()).isEmpty();
        ann.forEach(Roamer::close);
        ben.forEach(Roamer::close);
    }

    @Test
    void a_kick_on_one_node_closes_the_socket_on_another() {
        Roamer kicked = connect("kit", 1, 2);

        post(0, "/user/device_quit", "{\"uid\":\"kit\",\"device_flag\":1}");

        await().until(() -> kicked.connections() == 2 && kicked.isConnected());
        kicked.close();
    }

    @Test
    void a_trace_shows_the_way_of_commands_and_messages_over_all_nodes() {
        List<Roamer> members = connected("t", 1);
        JsonObject trail = new JsonObject(channel("trail", members));
        trail.getJsonArray("subscribers").add("away");
        String made = post(0, "/channel", trail.encode());
        String request = command(1, "trail", "look");
        members.getFirst().send(ChannelKey.group("trail"), "traced");
        await().untilAsserted(() -> assertThat(members)
                .allSatisfy(member -> assertThat(member.commands()).hasSize(2)));
        long command = Collections.max(members.getFirst().commands().keySet());
        long change = Collections.min(members.getFirst().commands().keySet());
        assertThat(step(trace(1, change), "requested").getString("request")).isEqualTo(made);
        await().untilAsserted(() -> assertThat(whats(trace(2, command)))
                .containsOnlyOnce("requested", "stored", "in inboxes", "in all inboxes")
                .contains("webhook")
                .filteredOn(what -> what.equals("sent") || what.equals("acknowledged"))
                .hasSize(6));
        await().untilAsserted(() -> assertThat(types(trace(2, command)))
                .containsOnly("cmd.acknowledged")
                .hasSize(3));
        assertThat(step(trace(2, command), "requested").getString("request")).isEqualTo(request);
        assertThat(step(trace(2, command), "in inboxes").getInteger("receivers"))
                .as("users")
                .isEqualTo(4);
        assertThat(trace(2, command).stream().map(step -> step.getLong("node")).filter(Objects::nonNull))
                .as("nodes")
                .hasSizeGreaterThan(3)
                .containsAll(nodesListed(0));
        await().until(() ->
                receiver.taken().stream().anyMatch(arrival -> arrival.body().contains("traced")));
        long message = receiver.taken().stream()
                .filter(arrival -> arrival.uri().endsWith("?event=msg.notify"))
                .flatMap(arrival -> arrival.events().stream())
                .map(JsonObject.class::cast)
                .filter(told -> "traced".equals(told.getString("client_msg_no")))
                .map(told -> told.getLong("message_id"))
                .findFirst()
                .orElseThrow();
        await().untilAsserted(() -> assertThat(whats(trace(1, message)))
                .contains("received", "stored", "pushed", "acknowledged", "event", "webhook"));
        assertThat(step(trace(1, message), "received").getString("uid")).isEqualTo("t0");
        await().untilAsserted(() -> assertThat(types(trace(1, message))).containsExactly("msg.notify", "msg.offline"));
        assertThat(nodes.node(0)
                        .get(nodes.node(0).http() + "/trace/999999999999")
                        .statusCode())
                .isEqualTo(404);
        members.forEach(Roamer::close);
    }

    @Test
    void operators_see_the_nodes_verify_rebuild_and_evict() {
        List<Roamer> members = connected("o", 1);
        post(0, "/channel", channel("ops", members));
        assertThat(nodesListed(1)).hasSize(3);
        await().untilAsserted(() -> assertThat(nodeList(2)).allSatisfy(node -> {
            assertThat(node.getString("lease")).isEqualTo("ready");
            assertThat(node.getInteger("answers")).isOne();
            assertThat(node.getInteger("ready")).isOne();
            assertThat(node.getInteger("sessions")).isPositive();
        }));
        await().untilAsserted(() ->
                assertThat(verify("{}").getJsonArray("differences")).isEmpty());
        for (String whose : List.of("{\"uids\":[\"o0\",\"o1\"]}", "{}")) {
            await().pollInterval(Duration.ofSeconds(1))
                    .until(() -> nodes.node(0).post("/admin/rebuild", whose).statusCode() == 200);
        }
        command(2, "ops", "after-the-rebuild");
        await().untilAsserted(() -> assertThat(members)
                .allSatisfy(member -> assertThat(member.texts()).anyMatch(text -> text.contains("after-the-rebuild"))));
        long evicted = nodesListed(0).getLast();
        post(0, "/admin/evict", "{\"node\":%d}".formatted(evicted));
        await().untilAsserted(() -> assertThat(nodeList(0))
                .filteredOn(node -> node.getLong("node") == evicted)
                .singleElement()
                .satisfies(node -> {
                    assertThat(node.getString("name")).isNotEqualTo(evicted + ".1");
                    assertThat(node.getString("lease")).isEqualTo("ready");
                }));
        await().until(() -> members.stream().allMatch(Roamer::isConnected));
        await().untilAsserted(() -> assertThat(
                        verify("{\"uids\":[\"o0\",\"o1\",\"o2\"]}").getJsonArray("differences"))
                .isEmpty());
        assertThat(nodes.node(0).post("/admin/evict", "{\"node\":999999}").statusCode())
                .isEqualTo(404);
        assertThat(nodes.node(0).post("/admin/evict", "{}").statusCode()).isEqualTo(400);
        members.forEach(Roamer::close);
    }

    @Test
    void redis_holds_what_the_version_before_can_read() throws Exception {
        List<Roamer> members = connected("f", 1);
        post(0, "/channel", channel("forms", members));
        command(0, "forms", "form");
        await().until(() ->
                members.stream().allMatch(member -> member.commands().size() == 2));
        RedisForms forms = RedisForms.read();
        try (RedisKeys keys = new RedisKeys(VERTX, redis)) {
            Map<String, List<String>> held = keys.all();
            assertThat(held.entrySet()).allSatisfy(entry -> assertThat(entry.getValue())
                    .as(entry.getKey())
                    .allMatch(value -> forms.know(entry.getKey(), value)));
            assertThat(forms.unseen(held.keySet()))
                    .as("forms that are not there")
                    .isEmpty();
        }
        members.forEach(Roamer::close);
    }

    @Test
    void metrics_are_exposed_under_the_names_and_as_the_kinds_that_dashboard_alerts_and_documents_know() {
        List<Roamer> members = connected("m", 1);
        await().untilAsserted(() -> {
            String metrics = nodes.all()
                    .map(node -> node.get(node.management() + "/metrics").body())
                    .collect(Collectors.joining());
            Set<String> samples = NamedMetrics.samples(metrics);
            assertThat(NamedMetrics.asked())
                    .filteredOn(name -> !NamedMetrics.labelled().contains(name))
                    .isNotEmpty()
                    .isSubsetOf(samples);
            Map<String, String> kinds = NamedMetrics.kinds();
            Map<String, String> types = NamedMetrics.types(metrics);
            assertThat(types.entrySet())
                    .filteredOn(type -> kinds.containsKey(type.getKey()))
                    .hasSizeGreaterThan(20)
                    .allSatisfy(type ->
                            assertThat(type.getValue()).as(type.getKey()).isEqualTo(kinds.get(type.getKey())));
            assertThat(kinds.keySet())
                    .as("documented, but exposed under another name")
                    .filteredOn(name -> types.keySet().stream().anyMatch(type -> isAnother(name, type)))
                    .isEmpty();
        });
        members.forEach(Roamer::close);
    }

    /** The same metric with another unit or ending. */
    private static boolean isAnother(String name, String type) {
        String base = "(_seconds|_bytes)?(_total)?$";
        return !name.equals(type) && name.replaceFirst(base, "").equals(type.replaceFirst(base, ""));
    }

    private static List<JsonObject> nodeList(int node) {
        return objects(data(nodes.node(node)
                        .get(nodes.node(node).http() + "/admin/nodes")
                        .body())
                .getJsonArray("nodes"));
    }

    private static List<Long> nodesListed(int node) {
        return nodeList(node).stream().map(listed -> listed.getLong("node")).toList();
    }

    private static JsonObject verify(String json) {
        return data(nodes.node(0).post("/admin/verify", json).body());
    }

    private static List<JsonObject> trace(int node, long id) {
        return objects(data(nodes.node(node)
                        .get(nodes.node(node).http() + "/trace/" + id)
                        .body())
                .getJsonArray("steps"));
    }

    private static JsonObject step(List<JsonObject> steps, String what) {
        return steps.stream()
                .filter(step -> step.getString("what").equals(what))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> whats(List<JsonObject> steps) {
        return steps.stream().map(step -> step.getString("what")).toList();
    }

    /** Of the events. */
    private static List<String> types(List<JsonObject> steps) {
        return steps.stream()
                .map(step -> step.getString("type"))
                .filter(Objects::nonNull)
                .toList();
    }

    private static JsonObject data(String answer) {
        return new JsonObject(answer).getJsonObject("data");
    }

    private static List<JsonObject> objects(JsonArray array) {
        return array.stream().map(JsonObject.class::cast).toList();
    }

    private static List<Roamer> connected(String prefix, int perNode) {
        return IntStream.range(0, 3 * perNode)
                .mapToObj(i -> connect(prefix + i, 1, i % 3))
                .toList();
    }

    private static Roamer connect(String uid, int flag, int node) {
        Roamer roamer =
                new Roamer(VERTX, CLIENT, uid, flag, () -> nodes.node(node).ws());
        await().until(roamer::isConnected);
        return roamer;
    }

    private static String channel(String id, List<Roamer> members) {
        return new JsonObject()
                .put("channel_id", id)
                .put("channel_type", ChannelKey.GROUP)
                .put(
                        "subscribers",
                        new JsonArray(members.stream().map(Roamer::uid).toList()))
                .encode();
    }

    /** Answers with the id of the request. */
    private static String command(int node, String channel, String name) {
        String payload = Base64.getEncoder()
                .encodeToString("{\"type\":99,\"cmd\":\"%s\"}".formatted(name).getBytes(StandardCharsets.UTF_8));
        return post(
                node,
                "/message/send",
                "{\"header\":{\"sync_once\":1},\"channel_id\":\"%s\",\"channel_type\":2,\"payload\":\"%s\"}"
                        .formatted(channel, payload));
    }

    private static String post(int node, String path, String json) {
        HttpResponse<String> answer = nodes.node(node).post(path, json);
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer.headers().firstValue("X-Request-Id").orElseThrow();
    }

    private static int number(String text) {
        return Integer.parseInt(text.replaceAll(".*\"p([0-9]+)\".*", "$1"));
    }

    private static Map<String, Integer> counts(Map<String, AtomicInteger> counts) {
        return counts.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue()
                .get()));
    }

    private static Map<String, Integer> onceEach(List<String> numbers) {
        return numbers.stream().collect(Collectors.toMap(number -> number, number -> 1));
    }
}
