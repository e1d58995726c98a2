package dev.herald.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.postgres.PgClients;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What nodes cost their database while nothing happens. */
@Timeout(180)
class IdleIT {
    /** Of each node: all sweeps, leases and chores of all verticles. */
    private static final double MOST_A_SECOND = 3;

    /** PostgreSQL counts up to ten seconds late. */
    private static final Duration WINDOW = Duration.ofSeconds(20);

    private final Vertx vertx = Vertx.vertx();
    private final String postgres = Stores.freshPostgresApart();
    private final String redis = Stores.freshRedis();
    private final Sql sql = new Sql(PgClients.open(vertx, postgres, 1).statements());

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        Sql.await(vertx.close());
    }

    @Test
    @SuppressWarnings("try") // the client and the second node need only be there
    void idle_nodes_with_an_endpoint_and_a_client_ask_the_database_a_few_times_a_second() throws Exception {
        Receiver receiver = new Receiver(vertx);
        int one = Ports.free();
        int other = Ports.free();
        try (HeraldProcess herald = start(receiver, one, other);
                Device client = Device.eager(herald.ws(), "ann", 1)) {
            await().atMost(WINDOW).until(() -> !receiver.arrivals().isEmpty());
            assertThat(transactionsASecond()).isBetween(0.5, MOST_A_SECOND);
            try (HeraldProcess second = start(receiver, other, one)) {
                assertThat(transactionsASecond()).isBetween(1.0, 2 * MOST_A_SECOND);
            }
        }
    }

    private HeraldProcess start(Receiver receiver, int port, int peer) throws IOException {
        Map<String, String> settings = HeraldProcess.settings(postgres, receiver);
        settings.put("HERALD_REDIS_URL", redis);
        settings.put("HERALD_CLUSTER_ENABLED", "true");
        settings.put("HERALD_CLUSTER_PORT", Integer.toString(port));
        settings.put("HERALD_CLUSTER_MEMBERS", "127.0.0.1:" + port + ",127.0.0.1:" + peer);
        return HeraldProcess.start(Files.createDirectory(folder.resolve("node-" + port)), settings);
    }

    /** After some seconds for what the start has left to do. */
    private double transactionsASecond() {
        await().pollDelay(WINDOW.dividedBy(2)).atMost(WINDOW).until(() -> true);
        long before = transactions();
        long begun = System.nanoTime();
        await().pollDelay(WINDOW).atMost(WINDOW.multipliedBy(2)).until(() -> true);
        return (transactions() - before) / ((System.nanoTime() - begun) / 1e9);
    }

    private long transactions() {
        return Long.parseLong(sql.value(
                "select xact_commit + xact_rollback from pg_stat_database where datname = current_database()"));
    }
}
