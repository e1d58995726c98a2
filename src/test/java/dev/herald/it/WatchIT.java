package dev.herald.it;

import static dev.herald.wire.Frame.Watch.Question.PRESENCE;
import static dev.herald.wire.Frame.Watch.Question.SUBSCRIBE;
import static dev.herald.wire.Frame.Watch.Question.UNSUBSCRIBE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.it.Device.Protocol;
import dev.herald.postgres.PgClients;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

/** Two whole nodes: clients of the one are told of users of the other. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(90)
class WatchIT {
    private static final int APP = 0;
    private static final int WEB = 1;
    private static final int PC = 2;

    private final List<Device> devices = new ArrayList<>();
    private final Vertx vertx = Vertx.vertx();
    private final String postgres = Stores.freshPostgres();
    private final String redis = Stores.freshRedis();
    private final int portA = Ports.free();
    private final int portB = Ports.free();
    private final LocalNode a = start(portA);
    private final LocalNode b = start(portB);
    private final PgClients pg = PgClients.open(vertx, postgres, 1);
    private final Sql sql = new Sql(pg.statements());

    @AfterAll
    void stop() {
        b.stop();
        a.stop();
        Sql.await(vertx.close());
    }

    @AfterEach
    void disconnect() {
        devices.forEach(Device::close);
        devices.clear();
    }

    @Test
    void a_binary_client_is_told_of_those_on_the_list_that_its_back_end_sets_while_it_is_online() {
        String friend = user();
        String stranger = user();
        String me = user();
        Device there = connect(a, Protocol.BINARY, friend, WEB);
        Device watcher = connect(b, Protocol.BINARY, me, APP);
        connect(a, Protocol.BINARY, stranger, APP);
        put(me, friend);
        await().untilAsserted(() -> assertThat(watcher.statuses()).hasSize(1));
        JsonObject online = watcher.statuses().getFirst();
        assertThat(online.copy().putNull("version").putNull("since")).isEqualTo(new JsonObject("""
                            {"uid":"%s","online":1,"device_flag":1,"main_device_flag":1,"status":"online","version":null,"since":null}""".formatted(friend)));
        there.close();
        await().untilAsserted(() -> assertThat(watcher.statuses()).hasSize(2));
        JsonObject offline = watcher.statuses().getLast();
        assertThat(offline.getInteger("online")).isZero();
        assertThat(offline.getInteger("all_offline")).isOne();
        assertThat(offline.getLong("version")).isGreaterThan(online.getLong("version"));

        post("/presence/watch", JsonObject.of("uid", me, "add", JsonArray.of(stranger)));
        await().untilAsserted(
                        () -> assertThat(told(watcher)).containsExactly(friend + " 1", friend + " 0", stranger + " 1"));
    }

    @Test
    void a_client_that_comes_is_told_how_its_list_stands_and_of_nobody_who_was_taken_from_it() {
        String online = user();
        String gone = user();
        String removed = user();
        String me = user();
        put(me, online, gone, removed, user());
        connect(a, Protocol.JSON_RPC, gone, WEB).close();
        await().until(() -> state(gone).equals("false"));
        connect(a, Protocol.BINARY, online, WEB);
        Device watcher = connect(b, Protocol.BINARY, me, APP);
        await().untilAsserted(() -> assertThat(told(watcher)).containsExactlyInAnyOrder(online + " 1", gone + " 0"));
        post("/presence/watch", JsonObject.of("uid", me, "remove", JsonArray.of(removed)));
        String sentinel = user();
        post("/presence/watch", JsonObject.of("uid", me, "add", JsonArray.of(sentinel)));
        connect(a, Protocol.BINARY, removed, WEB);
        connect(a, Protocol.BINARY, sentinel, WEB);
        await().untilAsserted(() -> assertThat(told(watcher)).endsWith(sentinel + " 1"));
        assertThat(told(watcher)).noneMatch(text -> text.startsWith(removed));
    }

    @Test
    void a_client_of_json_rpc_is_told_of_whom_it_subscribes_to_and_of_nobody_else() {
        String friend = user();
        String other = user();
        String me = user();
        put(me, friend, other);
        Device watcher = connect(b, Protocol.JSON_RPC, me, WEB);
        assertThat(states(watcher.ask(SUBSCRIBE, friend))).containsExactly(friend + " 0");
        Device ignored = connect(a, Protocol.BINARY, other, APP);
        Device there = connect(a, Protocol.BINARY, friend, APP);
        await().untilAsserted(() -> assertThat(told(watcher)).containsExactly(friend + " 1"));
        assertThat(states(watcher.ask(SUBSCRIBE))).containsExactlyInAnyOrder(friend + " 1", other + " 1");
        assertThat(watcher.ask(UNSUBSCRIBE, friend)).isEqualTo(JsonObject.of("reasonCode", 1));
        there.close();
        await().until(() -> state(friend).equals("false"));
        ignored.close();
        await().untilAsserted(() -> assertThat(told(watcher)).containsExactly(friend + " 1", other + " 0"));
    }

    @Test
    void a_client_may_ask_for_those_on_its_list_only() {
        String friend = user();
        String stranger = user();
        String me = user();
        Device watcher = connect(b, Protocol.JSON_RPC, me, WEB);
        connect(a, Protocol.BINARY, friend, PC);
        await().until(() -> state(friend).equals("true"));
        String refused = "params.users: %s is not on the watch list";
        assertThat(watcher.ask(PRESENCE, friend).getString("error")).isEqualTo(refused.formatted(friend));
        assertThat(states(watcher.ask(PRESENCE))).isEmpty();
        put(me, friend);
        JsonObject status = watcher.ask(PRESENCE, friend).getJsonArray("users").getJsonObject(0);
        assertThat(status.getString("status")).isEqualTo("online");
        assertThat(status.getJsonArray("devices"))
                .isEqualTo(JsonArray.of(JsonObject.of("device_flag", PC, "count", 1)));
        assertThat(watcher.ask(SUBSCRIBE, friend, stranger).getString("error")).isEqualTo(refused.formatted(stranger));
        delete(me);
        assertThat(watcher.ask(SUBSCRIBE, friend).getString("error")).isEqualTo(refused.formatted(friend));
    }

    @Test
    void whoever_does_something_is_active_to_those_who_watch_until_it_is_long_ago() {
        String friend = user();
        String me = user();
        put(me, friend);
        Device there = connect(a, Protocol.BINARY, friend, APP);
        Device watcher = connect(b, Protocol.BINARY, me, APP);
        Device asking = connect(b, Protocol.JSON_RPC, me, WEB);
        await().untilAsserted(() -> assertThat(words(watcher)).endsWith("online"));

        there.say(me);
        await().untilAsserted(() -> assertThat(words(watcher)).endsWith("online", "active"));
        assertThat(asking.ask(SUBSCRIBE, friend)
                        .getJsonArray("users")
                        .getJsonObject(0)
                        .getString("status"))
                .isEqualTo("active");
        await().untilAsserted(() -> assertThat(words(watcher)).endsWith("online", "active", "online"));
        await().untilAsserted(() -> assertThat(words(asking)).containsExactly("online"));
        there.close();
        await().untilAsserted(() -> assertThat(words(watcher)).endsWith("active", "online", "offline"));
    }

    private LocalNode start(int port) {
        return LocalNode.start(Map.of(
                "presence.grace",
                "PT0S",
                "presence.active-within",
                "PT2S",
                "postgres.url",
                postgres,
                "redis.url",
                redis,
                "cluster.enabled",
                "true",
                "cluster.port",
                Integer.toString(port),
                "cluster.members",
                "127.0.0.1:%d,127.0.0.1:%d".formatted(portA, portB)));
    }

    private Device connect(LocalNode node, Protocol protocol, String uid, int flag) {
        Device device = Device.connect(protocol, node.ws(), uid, flag);
        devices.add(device);
        return device;
    }

    private static String user() {
        return "u" + UUID.randomUUID().toString().substring(0, 13);
    }

    private String state(String uid) {
        List<String> rows = sql.rows("select online from user_presence where uid = $1", uid);
        return rows.isEmpty() ? "" : rows.getFirst();
    }

    private static List<String> told(Device watcher) {
        return watcher.statuses().stream().map(WatchIT::text).toList();
    }

    private static List<String> words(Device watcher) {
        return watcher.statuses().stream()
                .map(status -> status.getString("status"))
                .toList();
    }

    private static List<String> states(JsonObject answer) {
        JsonArray users = answer.getJsonArray("users");
        return IntStream.range(0, users.size())
                .mapToObj(i -> text(users.getJsonObject(i)))
                .toList();
    }

    private static String text(JsonObject status) {
        return status.getString("uid") + " " + status.getValue("online");
    }

    private void put(String uid, String... users) {
        call("PUT", "/presence/watch", JsonObject.of("uid", uid, "users", new JsonArray(List.of(users))));
    }

    private void post(String path, JsonObject body) {
        call("POST", path, body);
    }

    private void delete(String uid) {
        call("DELETE", "/presence/watch?uid=" + uid, new JsonObject());
    }

    private void call(String method, String path, JsonObject body) {
        HttpResponse<String> answer = a.call(method, path, body.encode());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }
}
