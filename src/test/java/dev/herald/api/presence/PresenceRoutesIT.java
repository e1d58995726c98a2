package dev.herald.api.presence;

import static dev.herald.it.Aside.aside;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.api.ApiServer;
import dev.herald.api.ApiServer.Answer;
import dev.herald.api.Told;
import dev.herald.bus.Addresses;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.PresenceMessage.OnDevice;
import dev.herald.bus.message.PresenceMessage.Status;
import dev.herald.bus.message.PresenceMessage.StatusQuery;
import dev.herald.bus.message.PresenceMessage.Statuses;
import dev.herald.it.Sql;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class PresenceRoutesIT {
    @RegisterExtension
    static final ApiServer server = ApiServer.of(Map.of());

    private final SqlClient writer = server.pg.statements();

    @Test
    void shows_how_users_stand() {
        OnDevice phone = new OnDevice(0, 2, List.of(3L, 4L));
        server.peers.answer(
                Addresses.STATUS_QUERY,
                new Statuses(List.of(
                        new Status("u1", true, 5, 1000, 2000, List.of(phone)),
                        new Status("u2", true, 6, 1000, 0, List.of()),
                        new Status("u3", false, 7, 3000, 0, List.of()),
                        new Status("u4", false, 0, 0, 0, List.of()))));

        var answer = server.post("/presence/query", "{\"users\":[\"u1\",\"u2\",\"u3\",\"u4\",\"u1\"]}");

        assertThat(answer.data().getJsonArray("users")).isEqualTo(new JsonArray("""
                [{"uid":"u1","online":true,"status":"active","version":5,"since":1000,"last_active":2000,
                  "devices":[{"device_flag":0,"count":2,"nodes":[3,4]}]},
                 {"uid":"u2","online":true,"status":"online","version":6,"since":1000,"devices":[]},
                 {"uid":"u3","online":false,"status":"offline","version":7,"since":3000,"last_seen":3000,"devices":[]},
                 {"uid":"u4","online":false,"status":"offline","version":0,"devices":[]}]"""));
        assertThat(server.peers.heard()).containsExactly(new StatusQuery(List.of("u1", "u2", "u3", "u4")));
    }

    @Test
    void asks_for_somebody_and_for_a_thousand_at_most() {
        String many = new JsonObject()
                .put(
                        "users",
                        new JsonArray(
                                IntStream.range(0, 1_001).mapToObj(i -> "u" + i).toList()))
                .encode();

        assertThat(server.post("/presence/query", many).problem())
                .isEqualTo("400 users: must not hold more than 1000 uids");
        assertThat(server.post("/presence/query", "{\"users\":[]}").problem())
                .isEqualTo("400 users: is required and must not be empty");
    }

    @Test
    void begins_at_now_and_goes_on_from_page_to_page() {
        Told.user(writer, "old", true, 1);
        String start = cursor(changes(""));
        for (int i = 1; i <= 5; i++) {
            Told.user(writer, "u" + i, true, i);
        }

        Answer first = changes("?limit=3&after=" + start);
        Answer second = changes("?limit=3&after=" + cursor(first));
        Answer third = changes("?limit=3&after=" + cursor(second));

        assertThat(uids(first)).containsExactly("u1", "u2", "u3");
        assertThat(more(first)).isEqualTo(1);
        assertThat(uids(second)).containsExactly("u4", "u5");
        assertThat(more(second)).isZero();
        assertThat(uids(third)).isEmpty();
        assertThat(uids(changes("?after=0-0"))).containsExactly("old", "u1", "u2", "u3", "u4", "u5");
    }

    @Test
    void tells_of_single_devices_only_who_asks_for_them() {
        String start = cursor(changes(""));
        Told.user(writer, "u1", true, 1);
        Told.device(writer, "u1", true, 2);
        Told.device(writer, "u1", false, 3);

        assertThat(versions(changes("?after=" + start))).containsExactly(1L);
        assertThat(versions(changes("?devices=1&after=" + start))).containsExactly(1L, 2L, 3L);
    }

    @Test
    void passes_over_nothing_that_commits_late() {
        String start = cursor(changes(""));
        SqlConnection late = server.connect();
        Transaction transaction = Sql.await(late.begin());
        Told.user(late, "late", true, 1);
        Told.user(writer, "early", true, 2);

        Answer held = changes("?after=" + start);
        assertThat(uids(held)).isEmpty();
        Sql.await(transaction.commit());
        Sql.await(late.close());

        assertThat(uids(changes("?after=" + cursor(held)))).containsExactly("late", "early");
        assertThat(uids(changes("?after=" + start))).containsExactly("late", "early");
    }

    @Test
    void waits_for_the_next_change_also_if_no_wake_up_comes() {
        String start = cursor(changes(""));
        CompletableFuture<Answer> waiting = async("?wait=30&after=" + start);
        assertStillWaiting(waiting);
        server.publish(Addresses.PRESENCE_CHANGED, Done.DONE);
        Told.device(writer, "u1", true, 1);
        assertStillWaiting(waiting);

        Told.user(writer, "u1", true, 2);
        await().until(waiting::isDone);
        assertThat(versions(waiting.join())).containsExactly(2L);
    }

    @Test
    void ends_a_wait_in_vain_with_a_cursor_to_go_on_from() {
        String start = cursor(changes(""));
        Answer answer = changes("?wait=1&after=" + start);

        assertThat(uids(answer)).isEmpty();
        Told.user(writer, "u1", true, 1);
        assertThat(uids(changes("?after=" + cursor(answer)))).containsExactly("u1");
    }

    @Test
    void bounds_those_who_wait_and_forgets_those_who_leave() throws Exception {
        String path = "/presence/changes?wait=60&after=" + cursor(changes(""));
        List<Socket> callers = new ArrayList<>();
        for (int i = 0; i < 256 + 1; i++) {
            Socket caller = new Socket("127.0.0.1", server.port());
            caller.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            callers.add(caller);
        }
        await().untilAsserted(() -> assertThat(answered(callers)).hasSize(1));
        await().during(Duration.ofSeconds(1)).until(() -> answered(callers).size() == 1);
        InputStream refusal = answered(callers).getFirst().getInputStream();
        assertThat(new String(refusal.readNBytes(refusal.available()), StandardCharsets.UTF_8))
                .startsWith("HTTP/1.1 503 ")
                .contains("256 callers wait for changes");

        for (Socket caller : callers) {
            caller.close();
        }
        String brief = path.replace("wait=60", "wait=1");
        await().untilAsserted(() -> assertThat(server.get(brief).status()).isEqualTo(200));
    }

    @Test
    void answers_those_who_wait_when_it_stops() throws Exception {
        try (ApiServer stopping = server.startBeside()) {
            String path = "/presence/changes?wait=60&after=" + cursor(changes(""));
            CompletableFuture<Answer> waiting = aside(() -> stopping.get(path));
            assertStillWaiting(waiting);
            stopping.stop();
            assertThat(uids(waiting.get(40, TimeUnit.SECONDS))).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "after=5           | after: is no cursor that was given out here",
                "after=0-0&limit=0 | limit: must be an integer from 1 to 1000",
                "after=0-0&wait=61 | wait: must be an integer from 0 to 60",
                "after=0-0&devices=2 | devices: must be an integer from 0 to 1",
            })
    void refuses_what_is_no_place(String query, String text) {
        assertThat(changes("?" + query).problem()).isEqualTo("400 " + text);
    }

    @Test
    void says_that_a_place_is_not_kept_any_more_or_is_of_another_log() {
        String gone = "409 after: events behind this cursor are not kept any more";
        String start = cursor(changes(""));
        Told.user(writer, "u1", true, 1);
        String later = cursor(changes("?after=" + start));
        server.sql.run("update event_floor set (txid, id) = (select txid, id from event)");
        try {
            assertThat(changes("?after=" + start).problem()).isEqualTo(gone);
            assertThat(uids(changes("?after=" + later))).isEmpty();
            assertThat(changes("?after=zzzzzzzz-0").problem()).isEqualTo(gone);
        } finally {
            server.sql.run("update event_floor set txid = 0, id = 0");
        }
    }

    /** Those who were answered. */
    private static List<Socket> answered(List<Socket> callers) throws IOException {
        List<Socket> answered = new ArrayList<>();
        for (Socket caller : callers) {
            if (caller.getInputStream().available() > 0) {
                answered.add(caller);
            }
        }
        return answered;
    }

    private static Answer changes(String query) {
        return server.get("/presence/changes" + query);
    }

    private static CompletableFuture<Answer> async(String query) {
        return aside(() -> changes(query));
    }

    private static void assertStillWaiting(CompletableFuture<Answer> answer) {
        await().during(Duration.ofMillis(700)).until(() -> !answer.isDone());
    }

    private static String cursor(Answer answer) {
        return answer.data().getString("cursor");
    }

    private static int more(Answer answer) {
        return answer.data().getInteger("more");
    }

    private static List<String> uids(Answer answer) {
        return changesOf(answer).map(change -> change.getString("uid")).toList();
    }

    private static List<Long> versions(Answer answer) {
        return changesOf(answer).map(change -> change.getLong("version")).toList();
    }

    private static Stream<JsonObject> changesOf(Answer answer) {
        return answer.data().getJsonArray("changes").stream().map(JsonObject.class::cast);
    }
}
