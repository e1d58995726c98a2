package dev.herald.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.it.Receiver.Answer;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a back end hears of users whose node was killed, from a webhook that was down at the time. */
@Timeout(120)
class NodeDeathIT {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final Vertx vertx = Vertx.vertx();

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        Sql.await(vertx.close());
    }

    @Test
    @SuppressWarnings("try") // the devices need only be there
    void users_of_a_killed_node_are_offline_once_and_no_event_is_lost_or_out_of_order() throws Exception {
        Receiver receiver = new Receiver(vertx);
        receiver.answer(arrival -> Answer.status(500));
        try (HeraldProcess herald = HeraldProcess.start(folder, settings(receiver));
                JsonClient stays = JsonClient.connect(herald.ws(), "ann", 1);
                JsonClient phone = JsonClient.connect(herald.ws(), "ben", 0);
                JsonClient browser = JsonClient.connect(herald.ws(), "ben", 1)) {
            Awaitility.await().until(() -> !receiver.arrivals().isEmpty());
            herald.kill();
            herald.start();
            receiver.answer(arrival -> Answer.status(200));
            JsonClient back = JsonClient.connect(herald.ws(), "ann", 1);

            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> statusOf(receiver, "ben").size() == 4);
            assertThat(statusOf(receiver, "ben"))
                    .containsExactly("ben-0-1 1-1", "ben-1-1 1-2", "ben-0-0 0-1", "ben-1-0 0-0");
            assertThat(herald.post("/user/onlinestatus", "[\"ann\",\"ben\"]").body())
                    .isEqualTo("[{\"uid\":\"ann\",\"device_flag\":1,\"online\":1}]");
            assertThat(statusOf(receiver, "ann").getLast()).startsWith("ann-1-1");
            back.close();
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> statusOf(receiver, "ann").getLast().equals("ann-1-0 0-0"));
            assertThat(receiver.badSignatures()).isEmpty();
        }
    }

    private static Map<String, String> settings(Receiver receiver) {
        return Map.of(
                "HERALD_POSTGRES_URL",
                Stores.freshPostgres(),
                "HERALD_REDIS_URL",
                Stores.freshRedis(),
                "HERALD_WEBHOOK_URL",
                receiver.url(),
                "HERALD_WEBHOOK_SECRET",
                Receiver.SECRET,
                "HERALD_PRESENCE_LEASE",
                "PT3S",
                "HERALD_PRESENCE_LEASE_RENEWAL",
                "PT1S");
    }

    /** A user's delivered changes in order of first arrival: uid-flag-online, then the counts of the flag and in all. */
    private static List<String> statusOf(Receiver receiver, String uid) {
        return receiver.firstArrivals().stream()
                .filter(event -> event.startsWith(uid + "-"))
                .map(event -> event.replaceFirst("^([^-]+-[^-]+-[^-]+)-[^-]+-(.*)$", "$1 $2"))
                .toList();
    }
}
