package dev.herald.it;

import dev.herald.postgres.PgClients;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/**
 * A program that kills, stops and empties what it can under users who come and go, and then looks whether what was told
 * is true. Arguments: rounds; {@code -Dherald.test.seed} repeats a run. Its output names what was done, and the seed; a
 * broken promise ends it with an error.
 */
final class PresenceStorm {
    private static final int DEVICES = 120;
    private static final int WATCHED = 1_000;
    private static final int FAULTS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Vertx vertx = Vertx.vertx();
    private final WebSocketClient client = Crowd.client(vertx);
    private final Random random = Chance.random();
    private final LosableRedis redis = new LosableRedis("u");
    private final OwnPostgres postgres;
    private final ThreeNodes nodes;
    private final Roamer watcher;
    private final List<Roamer> present = new ArrayList<>();
    private int comers;

    enum Fault {
        KILL,
        SLEEP,
        NAP,
        WIPE,
        EMPTY_REDIS,
        SET_BACK,
        RESTART_POSTGRES
    }

    private PresenceStorm(Path folder) {
        postgres = new OwnPostgres(folder.resolve("pg"));
        nodes = ThreeNodes.start(
                folder,
                Map.of(
                        "HERALD_POSTGRES_URL", postgres.url(),
                        "HERALD_REDIS_URL", redis.url(),
                        "HERALD_PRESENCE_LEASE", "PT4S",
                        "HERALD_PRESENCE_GRACE", "PT1S",
                        "HERALD_PRESENCE_RECONCILE_INTERVAL", "PT15S"));
        List<String> all =
                IntStream.range(0, WATCHED).mapToObj(number -> "u" + number).toList();
        JsonObject list = JsonObject.of("uid", "watcher", "add", new JsonArray(all));
        if (nodes.node(0).post("/presence/watch", list.encode()).statusCode() != 200) {
            throw new IllegalStateException("the watch list was refused");
        }
        watcher = new Roamer(vertx, client, "watcher", 0, nodes::anyWs).watch();
    }

    public static void main(String[] args) throws Exception {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 3;
        Path folder = Files.createTempDirectory("presence-storm");
        System.out.println("seed " + Chance.SEED + " in " + folder);
        PresenceStorm storm = new PresenceStorm(folder);
        try {
            for (int round = 0; round < rounds; round++) {
                storm.round();
            }
        } finally {
            storm.nodes.close();
            storm.redis.close();
            storm.postgres.close();
        }
        System.exit(0);
    }

    private void round() throws Exception {
        redis.takeSnapshot();
        for (int i = 0; i < FAULTS; i++) {
            churn();
            Fault fault = Fault.values()[random.nextInt(Fault.values().length)];
            int node = random.nextInt(3);
            System.out.printf("%tT %s %d%n", System.currentTimeMillis(), fault, node);
            strike(fault, node);
            pause(random.nextInt(3_000));
        }
        churn();
        calm();
    }

    private void churn() {
        int leaving = present.size() - DEVICES + random.nextInt(60);
        for (int i = 0; i < leaving && !present.isEmpty(); i++) {
            present.remove(random.nextInt(present.size())).close();
        }
        while (present.size() < DEVICES) {
            present.add(new Roamer(vertx, client, "u" + comers / 2, comers % 2, nodes::anyWs));
            comers++;
        }
    }

    private void strike(Fault fault, int number) throws Exception {
        HeraldProcess node = nodes.node(number);
        switch (fault) {
            case KILL -> {
                node.kill();
                pause(random.nextInt(8_000));
                node.start();
            }
            case SLEEP -> stop(node, 5_000 + random.nextInt(5_000));
            case NAP -> stop(node, 500 + random.nextInt(3_000));
            case WIPE -> redis.wipe();
            case EMPTY_REDIS -> redis.restartEmpty();
            case SET_BACK -> redis.restartFromSnapshot();
            case RESTART_POSTGRES -> {
                postgres.stop();
                pause(random.nextInt(6_000));
                postgres.start();
            }
        }
    }

    private void stop(HeraldProcess node, int millis) throws Exception {
        Signal.STOP.to(node.handle());
        pause(millis);
        Signal.CONT.to(node.handle());
    }

    /** All who are there are told to be there, and nobody else, by a history in which nothing is told twice. */
    private void calm() {
        Sql sql = new Sql(PgClients.open(vertx, postgres.url(), 1).statements());
        List<String> there =
                present.stream().map(Roamer::uid).distinct().sorted().toList();
        Awaitility.await().atMost(PATIENCE).until(() -> present.stream().allMatch(Roamer::isConnected));
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> equal(
                        sql.rows(
                                "select uid from user_presence where online and uid <> 'watcher' order by uid collate \"C\""),
                        there));
        List<String> watched = there.stream()
                .filter(uid -> Integer.parseInt(uid.substring(1)) < WATCHED)
                .toList();
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> equal(List.copyOf(watcher.seen()), watched));
        equal(
                sql.rows("select data->>'uid', e.before, data->>'version' from ("
                        + "select *, lag((data->>'version')::bigint) over of_user as before, "
                        + "lag(data->>'online') over of_flag as online_before from event "
                        + "where type = 'user.onlinestatus' window "
                        + "of_user as (partition by data->>'uid' order by txid, id), "
                        + "of_flag as (partition by data->>'uid', data->>'device_flag' order by txid, id)) e "
                        + "where (data->>'version')::bigint <= e.before or data->>'online' = e.online_before"),
                List.of());
        System.out.printf(
                "%tT calm: users=%d events=%s drift=%s%n",
                System.currentTimeMillis(),
                there.size(),
                sql.value("select count(*) from event"),
                sql.rows("select kind, count(*) from presence_drift group by kind"));
    }

    private static void equal(List<String> is, List<String> wanted) {
        if (!is.equals(wanted)) {
            List<String> more = new ArrayList<>(is);
            more.removeAll(wanted);
            List<String> less = new ArrayList<>(wanted);
            less.removeAll(is);
            throw new AssertionError("too many " + more + ", missing " + less);
        }
    }

    private static void pause(int millis) {
        long until = System.nanoTime() + Duration.ofMillis(millis).toNanos();
        Awaitility.await().atMost(PATIENCE).until(() -> System.nanoTime() >= until);
    }
}
