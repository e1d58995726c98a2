package dev.herald.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.it.Receiver.Answer;
import dev.herald.postgres.PgClients;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
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
    private final String postgres = Stores.freshPostgresApart();

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
                Device stays = Device.eager(herald.ws(), "ann", 1);
                Device phone = Device.eager(herald.ws(), "ben", 0);
                Device browser = Device.eager(herald.ws(), "ben", 1)) {
            Awaitility.await().atMost(PATIENCE).until(() -> !receiver.arrivals().isEmpty());
            herald.kill();
            herald.start();
            receiver.answer(arrival -> Answer.status(200));
            Device back = Device.eager(herald.ws(), "ann", 1);

            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> statusOf(receiver, "ben").size() == 4);
            assertThat(statusOf(receiver, "ben"))
                    .containsExactly("ben-0-1 1-1", "ben-1-1 1-2", "ben-0-0 0-0", "ben-1-0 0-0");
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

    @Test
    void users_who_left_before_the_kill_but_after_the_database_froze_are_offline_once() throws Exception {
        Receiver receiver = new Receiver(vertx);
        List<String> uids = IntStream.range(0, 50).mapToObj(i -> "u" + i).toList();
        PgClients pg = PgClients.open(vertx, postgres, 2);
        try (HeraldProcess herald = HeraldProcess.start(folder, settings(receiver))) {
            List<Device> devices =
                    uids.stream().map(uid -> Device.eager(herald.ws(), uid, 1)).toList();
            Awaitility.await().atMost(PATIENCE).until(() -> uids.stream()
                    .allMatch(uid -> statusOf(receiver, uid).size() == 1));
            Blocked frozen = Blocked.by(pg, "lock table event in exclusive mode");
            devices.forEach(Device::close);
            String query = new JsonArray(uids).encode();
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> herald.post("/user/onlinestatus", query).body().equals("[]"));
            herald.kill();
            frozen.end();
            herald.start();

            Awaitility.await().atMost(PATIENCE).until(() -> uids.stream()
                    .allMatch(uid -> statusOf(receiver, uid).size() > 1));
            assertThat(uids).allSatisfy(uid -> assertThat(statusOf(receiver, uid))
                    .containsExactly(uid + "-1-1 1-1", uid + "-1-0 0-0"));
            assertThat(new Sql(pg.statements()).value("select count(*) from event"))
                    .isEqualTo("100");
        }
    }

    private Map<String, String> settings(Receiver receiver) {
        Map<String, String> settings = HeraldProcess.settings(postgres, receiver);
        settings.put("HERALD_PRESENCE_LEASE", "PT3S");
        return settings;
    }

    /** A user's delivered changes in order of first arrival: uid-flag-online, then the counts of the flag and in all. */
    private static List<String> statusOf(Receiver receiver, String uid) {
        return receiver.firstArrivals().stream()
                .filter(event -> event.startsWith(uid + "-"))
                .map(event -> event.replaceFirst("^([^-]+-[^-]+-[^-]+)-[^-]+-(.*)$", "$1 $2"))
                .toList();
    }
}
