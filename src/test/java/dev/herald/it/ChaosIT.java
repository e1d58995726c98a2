package dev.herald.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.postgres.PgClients;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Three nodes under load while what they are made of or stand on ends and comes back: what was acknowledged is with
 * everybody in the end, by the clients' and the back end's own records.
 */
@Timeout(400)
class ChaosIT {
    private static final Logger log = LoggerFactory.getLogger(ChaosIT.class);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int USERS = 24;

    /** Commands that a device is sent ahead of its acknowledgements: so many may be on their way when it is cut off. */
    private static final int WINDOW = 64;

    /** Never closed, as a class that is run once more has the same. */
    private static final Vertx VERTX = Vertx.vertx();

    private static final WebSocketClient CLIENT =
            VERTX.createWebSocketClient(new WebSocketClientOptions().setMaxConnections(1_000));

    @TempDir
    private static Path folder;

    private static LosableRedis redis;
    private static OwnPostgres postgres;
    private static Receiver receiver;
    private static ThreeNodes nodes;
    private static Sql sql;

    private final Random random = Chance.random();

    @BeforeAll
    static void start() throws Exception {
        redis = new LosableRedis("u");
        postgres = new OwnPostgres(folder.resolve("postgres"));
        receiver = new Receiver(VERTX);
        sql = new Sql(PgClients.open(VERTX, postgres.url(), 1).statements());
        nodes = ThreeNodes.start(
                folder,
                Map.of(
                        "HERALD_POSTGRES_URL",
                        postgres.url(),
                        "HERALD_REDIS_URL",
                        redis.url(),
                        "HERALD_WEBHOOK_URL",
                        receiver.url(),
                        "HERALD_WEBHOOK_SECRET",
                        Receiver.SECRET,
                        "HERALD_PRESENCE_LEASE",
                        "PT5S"));
    }

    @AfterAll
    static void stop() {
        nodes.close();
        redis.close();
        postgres.close();
    }

    @Test
    void a_rolling_restart_loses_nothing_and_tells_nobody_offline() throws Exception {
        try (Load load = begin("r")) {
            for (int number = 0; number < 3; number++) {
                HeraldProcess node = nodes.node(number);
                // Whoever is impatient asks twice.
                Signal.TERM.to(node.handle());
                assertThat(node.terminate()).as("exit code").isZero();
                node.start();
            }
            settle(load, false);
            assertThat(load.devices())
                    .as("nobody moves more often than a node stops")
                    .allMatch(device -> device.connections() <= 4);
            assertThat(offline(load)).isEmpty();
        }
    }

    @Test
    void a_killed_and_a_frozen_node_lose_nothing() throws Exception {
        try (Load load = begin("k")) {
            HeraldProcess killed = nodes.node(random.nextInt(3));
            // Every other one in the middle of its drain.
            if (random.nextBoolean()) {
                Signal.TERM.to(killed.handle());
            }
            killed.kill();
            pause(2);
            killed.start();
            HeraldProcess frozen = nodes.node(random.nextInt(3));
            Signal.STOP.to(frozen.handle());
            try {
                pause(9);
            } finally {
                Signal.CONT.to(frozen.handle());
            }
            settle(load, false);
        }
    }

    @Test
    void a_redis_that_comes_back_empty_loses_nothing_and_tells_nobody_offline() throws Exception {
        try (Load load = begin("e")) {
            redis.restartEmpty();
            pause(5);
            settle(load, true);
            assertThat(offline(load)).isEmpty();
        }
    }

    @Test
    void a_restarted_postgres_loses_nothing_and_tells_nobody_offline() throws Exception {
        try (Load load = begin("p")) {
            postgres.stop();
            pause(1);
            postgres.start();
            pause(5);
            settle(load, false);
            assertThat(offline(load)).isEmpty();
        }
    }

    private static Load begin(String name) {
        Load load = new Load(VERTX, CLIENT, nodes, name, USERS, Chance.SEED);
        await().atMost(PATIENCE).until(load::areAllConnected);
        load.start();
        await().atMost(PATIENCE)
                .until(() -> load.commands().size() > 10 && load.messages().size() > 40);
        return load;
    }

    /**
     * Until all is as if nothing had happened; then everybody compares.
     *
     * @param rebuilt true if Redis had lost the inboxes
     */
    private static void settle(Load load, boolean rebuilt) throws InterruptedException {
        pause(1);
        load.stop();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(load.unacknowledged())
                .as("messages without SENDACK")
                .isEmpty());
        await().atMost(PATIENCE).until(load::areAllConnected);
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(load.missingCommands()).as("commands").isEmpty());
        assertThat(load.histories()).as("messages by their place").isEqualTo(load.acknowledged());
        assertThat(load.histories().values())
                .allSatisfy(places ->
                        assertThat(places.keySet()).as("no gap").last().isEqualTo((long) places.size()));
        assertThat(load.repeatedMessages())
                .as("messages that came twice to who stayed")
                .isEmpty();
        assertThat(load.repeatedInHistory())
                .as("messages that were stored twice")
                .isEmpty();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(notified(load).keySet())
                .as("messages that the back end was told of")
                .containsExactlyInAnyOrderElementsOf(load.messages()));
        assertThat(notified(load).values())
                .as("what was told again is the same event")
                .allSatisfy(texts -> assertThat(Set.copyOf(texts)).hasSize(1));
        assertThat(load.devices()).allSatisfy(device -> assertRepeatsFollowTheFault(device, rebuilt));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(Set.copyOf(statuses(load)))
                .as("changes of presence that the back end was told of")
                .hasSize(logged(load)));
        List<String> there = load.devices().stream()
                .map(device -> device.uid() + "-" + device.flag())
                .sorted()
                .toList();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(nodes.all().map(load::online))
                .allSatisfy(online -> assertThat(online).isEqualTo(there)));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(lastTold(load))
                .isEqualTo(load.uids().stream().collect(Collectors.toMap(uid -> uid, uid -> "online"))));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(load.watcher().seen())
                .as("online by what a watcher was told")
                .containsExactlyInAnyOrderElementsOf(load.uids()));
        assertThat(receiver.badSignatures()).isEmpty();
        List<String> statuses = statuses(load);
        log.info(
                "messages={} lost=0 twice=0; commands={} lost=0 again={}; events={} lost=0 again={};"
                        + " changes of presence={} lost=0 again={}; connections={} by {} devices",
                load.messages().size(),
                load.commands().size(),
                load.devices().stream()
                        .mapToInt(device -> device.repeats().size())
                        .sum(),
                load.messages().size(),
                notified(load).values().stream()
                        .mapToInt(texts -> texts.size() - 1)
                        .sum(),
                Set.copyOf(statuses).size(),
                Load.repeated(statuses).size(),
                load.devices().stream().mapToInt(Roamer::connections).sum(),
                load.devices().size());
    }

    /**
     * As promised: at least once. A device that stays connected is told once, unless its inbox was lost and rebuilt from a
     * cursor that is a second old; one that comes back is told what may be missing.
     */
    private static void assertRepeatsFollowTheFault(Roamer device, boolean rebuilt) {
        assertThat(device.repeats())
                .as("commands that came to %s again", device.uid())
                .hasSizeLessThanOrEqualTo(WINDOW * (device.connections() - (rebuilt ? 0 : 1)))
                .allMatch(
                        repeat -> rebuilt || (!repeat.sameConnection() && repeat.afterMillis() < PATIENCE.toMillis()));
    }

    /** The events of this load's messages as they were told, by client number: one that was repeated is there several times. */
    private static Map<String, List<String>> notified(Load load) {
        Set<String> sent = Set.copyOf(load.messages());
        return Load.taken(receiver, "msg.notify")
                .filter(text -> sent.contains(new JsonObject(text).getString("client_msg_no")))
                .collect(Collectors.groupingBy(text -> new JsonObject(text).getString("client_msg_no")));
    }

    /** What was logged of users of this load whom an event left without a device: it says why. */
    private static List<String> offline(Load load) {
        Set<String> users = statuses(load).stream()
                .filter(text -> text.endsWith("-0"))
                .map(text -> text.substring(0, text.indexOf('-')))
                .collect(Collectors.toSet());
        return users.isEmpty()
                ? List.of()
                : sql.rows(
                        "select data::text from event where type = 'user.onlinestatus' and data->>'uid' = any($1) "
                                + "order by txid, id",
                        (Object) users.toArray(String[]::new));
    }

    private static Map<String, String> lastTold(Load load) {
        Map<String, String> last = new HashMap<>();
        statuses(load).stream()
                .distinct()
                .forEach(text ->
                        last.put(text.substring(0, text.indexOf('-')), text.endsWith("-0") ? "offline" : "online"));
        return last;
    }

    /** {@code uid-flag-online-session-count of the flag-count of all}, in the order of their arrival. */
    private static List<String> statuses(Load load) {
        Set<String> uids = Set.copyOf(load.uids());
        return Load.taken(receiver, "user.onlinestatus")
                .filter(text -> uids.contains(text.substring(0, text.indexOf('-'))))
                .toList();
    }

    private static int logged(Load load) {
        return Integer.parseInt(sql.value(
                "select count(*) from event where type = 'user.onlinestatus' and data->>'uid' = any($1)",
                (Object) load.uids().toArray(String[]::new)));
    }

    /** As long as the fault lasts, or the load goes on after it. */
    private static void pause(int seconds) {
        Duration time = Duration.ofSeconds(seconds);
        await().pollDelay(time).atMost(time.plusSeconds(60)).until(() -> true);
    }
}
