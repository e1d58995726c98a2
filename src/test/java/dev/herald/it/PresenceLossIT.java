package dev.herald.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.postgres.PgClients;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Redis loses what it knew of sessions while users come and go on three nodes: whoever stays is never told offline. */
@Timeout(180)
class PresenceLossIT {
    private static final int WEB = 1;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Never closed, as a class that is run once more has the same. */
    private static final Vertx VERTX = Vertx.vertx();

    private static final WebSocketClient CLIENT = Crowd.client(VERTX);

    @TempDir
    private static Path folder;

    private static LosableRedis redis;
    private static ThreeNodes nodes;
    private static Sql sql;

    enum Loss {
        WIPED,
        RESTARTED_EMPTY,
        SET_BACK
    }

    @BeforeAll
    static void start() {
        String postgres = Stores.freshPostgresApart();
        sql = new Sql(PgClients.open(VERTX, postgres, 2).statements());
        redis = new LosableRedis("u");
        nodes = ThreeNodes.start(
                folder,
                Map.of(
                        "HERALD_POSTGRES_URL", postgres,
                        "HERALD_REDIS_URL", redis.url(),
                        "HERALD_PRESENCE_LEASE", "PT4S",
                        "HERALD_PRESENCE_GRACE", "PT1S",
                        "HERALD_PRESENCE_RECONCILE_INTERVAL", "PT20S"));
    }

    @AfterAll
    static void stop() {
        nodes.close();
        redis.close();
    }

    @ParameterizedTest
    @EnumSource(Loss.class)
    void sessions_are_registered_again_and_versions_go_on(Loss loss) {
        String prefix = loss.name().toLowerCase() + "-";
        List<String> early = uids(prefix + "early", 30);
        List<List<String>> staying = IntStream.range(0, 3)
                .mapToObj(node -> uids(prefix + "stay" + node, 40))
                .toList();
        List<String> stay = staying.stream().flatMap(List::stream).toList();
        List<Crowd> crowds = IntStream.range(0, 3)
                .mapToObj(node -> Crowd.connect(VERTX, nodes.node(node).ws(), staying.get(node), WEB))
                .toList();
        Crowd leaving = Crowd.connect(VERTX, nodes.node(0).ws(), early, WEB);
        await().atMost(PATIENCE).until(() -> told(stay, true) && told(early, true));
        redis.takeSnapshot();
        leaving.leave();
        await().atMost(PATIENCE).until(() -> told(early, false));

        List<Roamer> before = roamers(prefix + "before");
        lose(loss);
        List<Roamer> after = roamers(prefix + "after");
        await().atMost(PATIENCE)
                .until(() -> before.stream().allMatch(Roamer::isConnected)
                        && after.stream().allMatch(Roamer::isConnected));

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(registered(stay)).isEqualTo(stay.size()));
        before.forEach(Roamer::close);
        after.forEach(Roamer::close);
        await().atMost(PATIENCE)
                .until(() -> told(uids(prefix + "before", 20), false) && told(uids(prefix + "after", 20), false));
        assertThat(crowds).allMatch(crowd -> crowd.gone() == 0);
        assertThat(history(stay)).containsOnly("true").hasSize(stay.size());
        assertThat(history(early)).containsOnly("true, false").hasSize(early.size());
        crowds.forEach(Crowd::close);
        await().atMost(PATIENCE).until(() -> told(stay, false));
        assertThat(history(stay)).containsOnly("true, false");
        assertThat(registered(stay)).isZero();
        assertVersionsGrow(prefix);
        leaving.close();
    }

    private static void lose(Loss loss) {
        switch (loss) {
            case WIPED -> redis.wipe();
            case RESTARTED_EMPTY -> redis.restartEmpty();
            case SET_BACK -> redis.restartFromSnapshot();
        }
    }

    /** In the order in which they are delivered, and each user's comings and goings in turns. */
    private static void assertVersionsGrow(String prefix) {
        assertThat(sql.value(
                        "select count(*) from (select data->>'online' as online, (data->>'version')::bigint as version, "
                                + "lag(data->>'online') over of_user as online_before, "
                                + "lag((data->>'version')::bigint) over of_user as version_before "
                                + "from event where type = 'user.onlinestatus' and data->>'uid' like $1 "
                                + "window of_user as (partition by data->>'uid' order by txid, id)) e "
                                + "where version <= version_before or online = online_before",
                        prefix + "%"))
                .isEqualTo("0");
    }

    private static List<Roamer> roamers(String prefix) {
        return uids(prefix, 20).stream()
                .map(uid -> new Roamer(VERTX, CLIENT, uid, WEB, nodes::anyWs))
                .toList();
    }

    private static List<String> uids(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> prefix + "-" + i).toList();
    }

    /** All of them were told so last. */
    private static boolean told(List<String> uids, boolean online) {
        return sql.value(
                        "select count(*) from user_presence where online = $2 and uid = any($1)",
                        uids.toArray(String[]::new),
                        online)
                .equals(Integer.toString(uids.size()));
    }

    private static List<String> history(List<String> uids) {
        return sql.rows(
                "select string_agg(data->>'online', ', ' order by txid, id) from event "
                        + "where type = 'user.onlinestatus' and data->>'uid' = any($1) group by data->>'uid'",
                (Object) uids.toArray(String[]::new));
    }

    /** Sessions that the registry has. */
    private static int registered(List<String> uids) {
        String body = new JsonObject().put("users", new JsonArray(uids)).encode();
        return new JsonObject(nodes.node(0).post("/presence/query", body).body())
                .getJsonObject("data").getJsonArray("users").stream()
                        .flatMap(user -> ((JsonObject) user).getJsonArray("devices").stream())
                        .collect(Collectors.summingInt(device -> ((JsonObject) device).getInteger("count")));
    }
}
