package dev.herald.presence;

import static dev.herald.presence.PresenceNode.now;

import com.sun.management.OperatingSystemMXBean;
import dev.herald.bus.Addresses;
import dev.herald.bus.message.PresenceMessage.OpenSession;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.it.HeraldProcess;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Measures, as a program: one node with many sessions, what its reconciliation costs in a period, or how long queries of
 * 1,000 users take over HTTP, of more than one Herald in turns if {@code -Dherald.jars} lists their jars. Arguments:
 * sessions, seconds of the interval of reconciliation (0: the queries).
 */
final class PresenceRate {
    private static final int AT_ONCE = 128;
    private static final int QUERIES = 2_000;
    private static final int WARM_UP = 2_500;

    /** Of a node that has six times as many sockets as a node may have, and is not what is measured. */
    private static final Map<String, String> QUIET =
            Map.of("presence.reconcile-interval", "PT1H", "presence.tiers.priority.interval", "PT1H");

    private PresenceRate() {}

    public static void main(String[] args) throws Exception {
        int sessions = args.length > 0 ? Integer.parseInt(args[0]) : 100_000;
        int interval = args.length > 1 ? Integer.parseInt(args[1]) : 50;
        String jars = System.getProperty("herald.jars", System.getProperty("herald.jar", "target/herald.jar"));
        String redis = Stores.freshRedis();
        String pg = Stores.freshPostgres();
        Map<String, String> settings =
                interval == 0 ? QUIET : Map.of("presence.reconcile-interval", "PT" + interval + "S");
        try (PresenceNode node = new PresenceNode(1_000, redis, redis, pg, settings).withSockets()) {
            Sql sql = new Sql(node.pg.statements());
            open(node, sessions);
            while (!sql.value("select count(*) from user_presence where online").equals(Integer.toString(sessions))) {
                now(pause(node, Duration.ofSeconds(1)));
            }
            if (interval > 0) {
                reconcile(node, interval);
            } else {
                query(List.of(jars.split(",")), redis, pg, sessions);
            }
            System.out.println("drift " + sql.value("select count(*) from presence_drift"));
        }
        System.exit(0);
    }

    private static void open(PresenceNode node, int sessions) {
        long begun = System.nanoTime();
        Iterator<SessionInfo> all = IntStream.range(0, sessions)
                .mapToObj(i -> node.session("user" + i, i % 3, false, "d" + i))
                .toList()
                .iterator();
        complete(Future.all(
                IntStream.range(0, AT_ONCE).mapToObj(i -> next(node, all)).toList()));
        System.out.printf("opened %d in %.1f s%n", sessions, (System.nanoTime() - begun) / 1e9);
    }

    private static Future<?> next(PresenceNode node, Iterator<SessionInfo> all) {
        SessionInfo session;
        synchronized (all) {
            if (!all.hasNext()) {
                return Future.succeededFuture();
            }
            session = all.next();
        }
        node.sockets.put(session.id(), session);
        return node.bus
                .request(Addresses.SESSION_OPEN, new OpenSession(session))
                .compose(opened -> next(node, all));
    }

    private static void query(List<String> jars, String redis, String pg, int sessions) throws IOException {
        System.setProperty(HeraldProcess.TIER, "4");
        List<HeraldProcess> heralds = new ArrayList<>();
        for (String jar : jars) {
            System.setProperty("herald.jar", jar);
            heralds.add(HeraldProcess.start(
                    Files.createTempDirectory("presence-rate"),
                    Map.of("HERALD_REDIS_URL", redis, "HERALD_POSTGRES_URL", pg)));
        }
        Random random = new Random(1);
        double[][] millis = new double[jars.size()][QUERIES];
        double[] before = new double[jars.size()];
        double[] storesBefore = new double[2];
        for (int i = -WARM_UP; i < QUERIES; i++) {
            String body = new JsonObject()
                    .put(
                            "users",
                            new JsonArray(random.ints(1_000, 0, sessions)
                                    .mapToObj(user -> "user" + user)
                                    .toList()))
                    .encode();
            if (i == 0) {
                heralds.forEach(herald ->
                        before[heralds.indexOf(herald)] = cpu(herald.handle().info()));
                storesBefore[0] = cpuOf("postgres");
                storesBefore[1] = cpuOf("redis-server");
            }
            for (int h = 0; h < jars.size(); h++) {
                double taken = query(heralds.get(h), body);
                if (i >= 0) {
                    millis[h][i] = taken;
                }
            }
        }
        System.out.printf(
                "each costs %.2f ms of CPU in PostgreSQL, %.2f in Redis%n",
                perQuery(cpuOf("postgres") - storesBefore[0]) / jars.size(),
                perQuery(cpuOf("redis-server") - storesBefore[1]) / jars.size());
        for (int h = 0; h < jars.size(); h++) {
            double[] sorted = millis[h];
            Arrays.sort(sorted);
            System.out.printf(
                    "query of 1,000 of %d users: p50 %.1f p99 %.1f max %.1f ms, CPU %.2f ms by %s%n",
                    sessions,
                    sorted[QUERIES / 2],
                    sorted[QUERIES * 99 / 100],
                    sorted[QUERIES - 1],
                    perQuery(cpu(heralds.get(h).handle().info()) - before[h]),
                    jars.get(h));
        }
        heralds.forEach(HeraldProcess::close);
    }

    private static double perQuery(double seconds) {
        return seconds * 1_000 / QUERIES;
    }

    private static double query(HeraldProcess herald, String body) {
        long begun = System.nanoTime();
        if (herald.post("/presence/query", body).statusCode() != 200) {
            throw new IllegalStateException("a query was refused");
        }
        return (System.nanoTime() - begun) / 1e6;
    }

    /** Every walk begins once in 4/5 of the interval. */
    private static void reconcile(PresenceNode node, int interval) {
        Duration period = Duration.ofMillis(interval * 800L);
        for (int i = 0; i < 2; i++) {
            double herald = cpu();
            double stores = storesCpu();
            complete(pause(node, period));
            System.out.printf(
                    "a period of %d s costs %.1f s of CPU in Herald, %.1f s in the stores%n",
                    period.toSeconds(), cpu() - herald, storesCpu() - stores);
        }
    }

    private static double cpu() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1e9;
    }

    private static double storesCpu() {
        return cpuOf("postgres") + cpuOf("redis-server");
    }

    /** Of all that began after this program. */
    private static double cpuOf(String command) {
        Instant begun = ProcessHandle.current().info().startInstant().orElseThrow();
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::info)
                .filter(info -> info.command().orElse("").contains(command))
                .filter(info -> info.startInstant().orElse(begun).isAfter(begun))
                .mapToDouble(PresenceRate::cpu)
                .sum();
    }

    private static double cpu(ProcessHandle.Info process) {
        return process.totalCpuDuration().map(Duration::toMillis).orElse(0L) / 1e3;
    }

    private static Future<Void> pause(PresenceNode node, Duration time) {
        Promise<Void> over = Promise.promise();
        node.vertx.setTimer(time.toMillis(), timer -> over.complete());
        return over.future();
    }

    private static void complete(Future<?> future) {
        future.toCompletionStage().toCompletableFuture().join();
    }
}
