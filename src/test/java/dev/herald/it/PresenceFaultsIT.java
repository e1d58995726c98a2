package dev.herald.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.model.ChannelKey;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Promises P1 to P4 over three processes: what the event log and back ends hear when nodes die, sleep and flap. One of
 * them is the example, which has webhooks only and no other way to know; another is away until all is over.
 */
@Timeout(180)
class PresenceFaultsIT {
    private static final int APP = 0;
    private static final int WEB = 1;
    private static final int FLAPS = 1_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration NEVER = Duration.ofHours(1);
    private static final Duration LEASE = Duration.ofSeconds(4);
    /** Who flaps for longer is told, and how long it takes is this machine's matter. */
    private static final Duration MAX_HOLD = PATIENCE.multipliedBy(2);

    /** What P4 grants after the end of a lease. */
    private static final Duration CLEANED_WITHIN = Duration.ofSeconds(5);

    /** Never closed, as a class that is run once more has the same. */
    private static final Vertx VERTX = Vertx.vertx();

    @TempDir
    private static Path folder;

    private static ThreeNodes nodes;
    private static Receiver receiver;
    private static Backend backend;
    private static Sql sql;

    @BeforeAll
    static void start() throws Exception {
        String postgres = Stores.freshPostgresApart();
        receiver = new Receiver(VERTX);
        sql = new Sql(PgClients.open(VERTX, postgres, 2).statements());
        nodes = ThreeNodes.start(
                folder,
                Map.of(
                        "HERALD_POSTGRES_URL",
                        postgres,
                        "HERALD_REDIS_URL",
                        Stores.freshRedis(),
                        "HERALD_WEBHOOK_URL",
                        receiver.url(),
                        "HERALD_WEBHOOK_SECRET",
                        Receiver.SECRET,
                        "HERALD_PRESENCE_LEASE",
                        LEASE.toString(),
                        "HERALD_PRESENCE_MAX_HOLD",
                        MAX_HOLD.toString()));
        backend = new Backend(VERTX, folder);
        backend.start(nodes.node(0), NEVER);
        backend.subscribe(nodes.node(0));
    }

    @AfterAll
    static void stop() {
        backend.close();
        nodes.close();
    }

    @Test
    void a_killed_node_takes_exactly_those_offline_who_are_nowhere_else_and_did_not_come_back(TestReporter reporter) {
        List<String> all = uids("k", 0, 5_000);
        List<String> elsewhere = uids("k", 0, 100);
        List<String> back = uids("k", 100, 200);
        List<String> lost = uids("k", 200, 5_000);
        try (Crowd there = Crowd.connect(VERTX, nodes.node(2).ws(), all, WEB);
                Crowd here = Crowd.connect(VERTX, nodes.node(0).ws(), elsewhere, APP);
                Device watcher = watcher(uids("k", 0, 1_000))) {
            await().atMost(PATIENCE).until(() -> users("k", "online") == all.size());
            assertThat(here.gone() + there.gone()).isZero();

            long killedAt = System.currentTimeMillis();
            nodes.node(2).kill();
            Crowd returned = Crowd.connect(VERTX, nodes.node(1).ws(), back, WEB);

            await().atMost(PATIENCE).until(() -> users("k", "not online") == lost.size());
            // By Redis' clock, which is this machine's.
            long last = Long.parseLong(sql.value(
                    "select max(data->>'at') from event where key like 'u:k%' and data->>'reason' = 'node_lost'"));
            reporter.publishEntry("milliseconds until the last was offline", Long.toString(last - killedAt));
            assertThat(last - killedAt)
                    .as("milliseconds until the last was offline")
                    .isBetween(1L, cleanedWithin().toMillis());
            nodes.node(2).start();
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(delivered("k", 0)).hasSize(lost.size() + 100));
            long heard = lastHeard(lost);
            reporter.publishEntry("milliseconds until the back end heard it", Long.toString(heard - killedAt));
            assertThat(heard - killedAt)
                    .as("milliseconds until the back end heard of the last")
                    .isLessThan(cleanedWithin().toMillis());
            assertThat(told(lost)).containsOnly("true connect, false node_lost").hasSize(lost.size());
            assertThat(told(elsewhere)).containsOnly("true connect").hasSize(elsewhere.size());
            assertThat(told(back)).containsOnly("true connect").hasSize(back.size());
            assertThat(online(all)).containsExactlyInAnyOrderElementsOf(uids("k", 0, 200));
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(seen(watcher))
                    .hasSize(1_000)
                    .allSatisfy((uid, online) -> assertThat(online).as(uid).isEqualTo(!lost.contains(uid))));
            assertBackEndsAreRight(all);
            returned.close();
        }
        await().atMost(PATIENCE).until(() -> online(all).isEmpty());
        assertBackEndsAreRight(all);
    }

    @Test
    void a_node_that_slept_past_its_lease_lives_no_second_life() throws Exception {
        List<String> all = uids("s", 0, 100);
        List<String> elsewhere = uids("s", 0, 10);
        List<String> lost = uids("s", 10, 100);
        ChannelKey boss = new ChannelKey("boss", ChannelKey.PERSON);
        try (Crowd sleeping = Crowd.connect(VERTX, nodes.node(1).ws(), all, WEB);
                Crowd awake = Crowd.connect(VERTX, nodes.node(0).ws(), elsewhere, APP)) {
            await().atMost(PATIENCE).until(() -> users("s", "online") == all.size());
            Signal.STOP.to(nodes.node(1).handle());
            sleeping.send(boss, 1, "late");
            try {
                await().atMost(PATIENCE).until(() -> users("s", "not online") == lost.size());
            } finally {
                Signal.CONT.to(nodes.node(1).handle());
            }

            await().atMost(PATIENCE).until(() -> sleeping.gone() == all.size());
            assertThat(sleeping.acknowledged()).isEmpty();
            assertThat(sql.value("select count(*) from message where client_msg_no like 'late-%'"))
                    .isEqualTo("0");
            assertThat(awake.gone()).isZero();
            assertThat(online(all)).containsExactlyInAnyOrderElementsOf(elsewhere);
            try (Crowd again = Crowd.connect(VERTX, nodes.node(1).ws(), all, WEB)) {
                await().atMost(PATIENCE).untilAsserted(() -> assertThat(told(lost))
                        .containsOnly("true connect, false node_lost, true connect")
                        .hasSize(lost.size()));
                assertThat(told(elsewhere)).containsOnly("true connect").hasSize(elsewhere.size());
                assertThat(again.gone()).isZero();
                assertThat(connections(all)).isEqualTo(all.size() + elsewhere.size());
                assertBackEndsAreRight(all);
            }
        }
        await().atMost(PATIENCE).until(() -> online(all).isEmpty());
    }

    @Test
    void the_last_of_two_devices_on_two_nodes_takes_the_user_offline() {
        List<String> both = uids("d", 0, 20);
        try (Crowd web = Crowd.connect(VERTX, nodes.node(0).ws(), both, WEB)) {
            try (Crowd app = Crowd.connect(VERTX, nodes.node(1).ws(), both, APP)) {
                assertThat(app.gone() + web.gone()).isZero();
            }
            await().atMost(PATIENCE)
                    .until(() -> sql.value("select count(*) from event where type = 'user.onlinestatus' "
                                    + "and data->>'uid' like 'd%' and data->>'device_flag' = '0' "
                                    + "and data->>'online' = 'false'")
                            .equals("20"));
            assertThat(told(both)).containsOnly("true connect").hasSize(20);
            assertThat(online(both)).hasSize(20);
            assertBackEndsAreRight(both);
        }
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(told(both)).containsOnly("true connect, false close"));
    }

    @Test
    void a_thousand_flaps_are_one_online_and_one_offline() {
        WebSocketClient client = Crowd.client(VERTX);
        double suppressed = suppressed();
        List<Future<?>> flapping = new ArrayList<>();
        int lanes = 4;
        for (int lane = 0; lane < lanes; lane++) {
            flapping.add(flap(client, lane, FLAPS / lanes));
        }
        await().atMost(PATIENCE).until(() -> flapping.stream().allMatch(Future::isComplete));
        assertThat(flapping).allMatch(Future::succeeded);
        assertThat(suppressed() - suppressed).as("times that nobody was there").isGreaterThan(FLAPS / 20.0);
        WebSocket last = Sql.await(Crowd.enter(client, nodes.anyWs(), "flapper", APP, "last"));
        assertThat(online(List.of("flapper"))).containsExactly("flapper");
        assertThat(told(List.of("flapper"))).containsExactly("true connect");
        last.close();

        await().atMost(PATIENCE).until(() -> delivered("flapper", 0).size() == 1);
        assertThat(delivered("flapper", 1)).hasSize(1);
        assertThat(online(List.of("flapper"))).isEmpty();
        assertThat(told(List.of("flapper"))).containsExactly("true connect, false close");
        assertBackEndsAreRight(List.of("flapper"));
    }

    /** The one that was told, and one that was away until now and compares its empty table with Herald's. */
    private static void assertBackEndsAreRight(List<String> uids) {
        Set<String> asked = Set.copyOf(uids);
        List<String> truth = statuses(uids).stream()
                .map(user ->
                        "%s %s %d".formatted(user.getString("uid"), user.getBoolean("online"), user.getLong("version")))
                .toList();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                        backend.all().stream().filter(user -> asked.contains(user.substring(0, user.indexOf(' ')))))
                .containsExactlyInAnyOrderElementsOf(truth));
        try (Backend late = new Backend(VERTX, folder)) {
            late.start(nodes.node(0), NEVER);
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                            late.all().stream().filter(user -> asked.contains(user.substring(0, user.indexOf(' ')))))
                    .containsExactlyInAnyOrderElementsOf(truth.stream()
                            .filter(user -> user.contains(" true "))
                            .toList()));
        }
    }

    /** When the receiver heard, by its own clock, of the last of them that the user is offline. */
    private static long lastHeard(List<String> uids) {
        Set<String> lost = Set.copyOf(uids);
        Map<String, Long> heard = new HashMap<>();
        receiver.taken().forEach(arrival -> arrival.texts().stream()
                .filter(event ->
                        event.matches("[^-]+-\\d+-0-.*") && lost.contains(event.substring(0, event.indexOf('-'))))
                .forEach(event -> heard.merge(event, arrival.atMillis(), Math::min)));
        return Collections.max(heard.values());
    }

    /** Pairs of offline and online that all nodes together have not told. */
    private static double suppressed() {
        return IntStream.range(0, 3)
                .mapToObj(nodes::node)
                .flatMap(node -> node.get(node.management() + "/metrics").body().lines())
                .filter(line -> line.startsWith("herald_presence_suppressed_total "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
                .sum();
    }

    /** As P4 has it; thrice that on a machine that has more to do than it can, which says nothing about Herald. */
    private static Duration cleanedWithin() {
        OperatingSystemMXBean machine = ManagementFactory.getOperatingSystemMXBean();
        boolean isBusy = machine.getSystemLoadAverage() > machine.getAvailableProcessors();
        return LEASE.plus(CLEANED_WITHIN).multipliedBy(isBusy ? 3 : 1);
    }

    /** Who is told "later", as by a node that has just slept, comes again. */
    private static Future<Void> flap(WebSocketClient client, int lane, int left) {
        if (left == 0) {
            return Future.succeededFuture();
        }
        return Crowd.enter(client, nodes.node(left % 3).ws(), "flapper", APP, "d" + lane)
                .compose(WebSocket::close)
                .transform(closed -> closed.succeeded()
                        ? flap(client, lane, left - 1)
                        : VERTX.timer(200, TimeUnit.MILLISECONDS).compose(passed -> flap(client, lane, left)));
    }

    private static List<String> uids(String prefix, int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> prefix + i).toList();
    }

    private static int users(String prefix, String condition) {
        return Integer.parseInt(sql.value(
                "select count(*) from user_presence where uid like $1 and " + condition + " and uid <> 'flapper'",
                prefix + "%"));
    }

    /** What was told of each user as a whole, in order. */
    private static List<String> told(List<String> uids) {
        return sql.rows(
                "select string_agg(concat_ws(' ', data->>'online', data->>'reason'), ', ' order by txid, id) from event "
                        + "where type = 'user.onlinestatus' and data->>'scope' = 'user' and data->>'uid' = any($1) "
                        + "group by data->>'uid'",
                (Object) uids.toArray(String[]::new));
    }

    /** Events that the back end has taken: uid-flag-online-…; an event keeps its text when it is delivered again. */
    private static List<String> delivered(String prefix, int online) {
        return receiver.taken().stream()
                .flatMap(arrival -> arrival.texts().stream())
                .filter(event -> event.matches(prefix + "\\d*-\\d+-" + online + "-.*"))
                .distinct()
                .toList();
    }

    private static List<String> online(List<String> uids) {
        return statuses(uids).stream()
                .filter(user -> user.getBoolean("online"))
                .map(user -> user.getString("uid"))
                .toList();
    }

    private static List<JsonObject> statuses(List<String> uids) {
        List<JsonObject> statuses = new ArrayList<>();
        for (int from = 0; from < uids.size(); from += 1_000) {
            statuses.addAll(query(uids.subList(from, Math.min(uids.size(), from + 1_000))));
        }
        return statuses;
    }

    /** A client that is told of these users. */
    private static Device watcher(List<String> users) {
        JsonObject list = new JsonObject().put("uid", "watcher").put("add", new JsonArray(users));
        assertThat(nodes.node(0).post("/presence/watch", list.encode()).statusCode())
                .isEqualTo(200);
        return Device.connect(Device.Protocol.BINARY, nodes.node(0).ws(), "watcher", APP);
    }

    /** How those stand of whom a client was told, by the newest of what it was told of each. */
    private static Map<String, Boolean> seen(Device watcher) {
        Map<String, JsonObject> newest = new HashMap<>();
        watcher.statuses()
                .forEach(status -> newest.merge(
                        status.getString("uid"),
                        status,
                        (one, other) -> other.getLong("version") < one.getLong("version") ? one : other));
        Map<String, Boolean> seen = new HashMap<>();
        newest.forEach((uid, status) -> seen.put(uid, status.getInteger("online") == 1));
        return seen;
    }

    private static int connections(List<String> uids) {
        return query(uids).stream()
                .flatMap(user -> user.getJsonArray("devices").stream())
                .mapToInt(device -> ((JsonObject) device).getInteger("count"))
                .sum();
    }

    private static List<JsonObject> query(List<String> uids) {
        String body = new JsonObject().put("users", new JsonArray(uids)).encode();
        return new JsonObject(nodes.node(0).post("/presence/query", body).body())
                .getJsonObject("data").getJsonArray("users").stream()
                        .map(JsonObject.class::cast)
                        .toList();
    }
}
