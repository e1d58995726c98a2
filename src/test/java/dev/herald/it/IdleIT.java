package dev.herald.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.postgres.PgClients;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a node costs its database while nothing happens. */
@OwnProcesses
@Timeout(120)
class IdleIT {
    /** All sweeps and leases of all verticles; of these the webhooks' are three. */
    private static final long MOST_A_SECOND = 10;

    /** PostgreSQL counts up to ten seconds late. */
    private static final Duration WINDOW = Duration.ofSeconds(20);

    private final Vertx vertx = Vertx.vertx();
    private final String postgres = Stores.freshPostgres();

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        Sql.await(vertx.close());
    }

    @Test
    @SuppressWarnings("try") // the client need only be there
    void an_idle_node_with_an_endpoint_and_a_client_asks_the_database_a_few_times_a_second() throws Exception {
        Receiver receiver = new Receiver(vertx);
        PgClients pg = PgClients.open(vertx, postgres, 1);
        Sql sql = new Sql(pg.statements());
        try (HeraldProcess herald = HeraldProcess.start(folder, HeraldProcess.settings(postgres, receiver));
                JsonClient client = JsonClient.connect(herald.ws(), "ann", 1)) {
            Awaitility.await().atMost(WINDOW).until(() -> !receiver.arrivals().isEmpty());
            long before = transactions(sql);
            long begun = System.nanoTime();
            Awaitility.await().atMost(WINDOW.multipliedBy(2)).until(() -> System.nanoTime() - begun > WINDOW.toNanos());
            double seconds = (System.nanoTime() - begun) / 1e9;
            assertThat((transactions(sql) - before) / seconds).isBetween(1.0, (double) MOST_A_SECOND);
        }
    }

    private static long transactions(Sql sql) {
        return Long.parseLong(sql.value(
                "select xact_commit + xact_rollback from pg_stat_database where datname = current_database()"));
    }
}
