package dev.herald.api.event;

import static dev.herald.it.Aside.aside;
import static dev.herald.it.Sql.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.ApiServer;
import dev.herald.eventlog.EventLog;
import dev.herald.eventlog.EventLog.NewEvent;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class EventRoutesIT {
    @RegisterExtension
    static final ApiServer API = ApiServer.of(Map.of());

    @BeforeEach
    void reset() {
        API.sql.run("truncate event");
        API.sql.run("update event_floor set txid = 0, id = 0");
    }

    @Test
    void begins_now_or_with_the_oldest_event() {
        append("user.onlinestatus", 1);
        JsonObject now = pull("");
        assertThat(numbers(now)).isEmpty();
        append("user.onlinestatus", 2);
        assertThat(numbers(pull("?after=" + now.getString("next")))).containsExactly(2);
        JsonObject all = pull("?after=oldest");
        assertThat(numbers(all)).containsExactly(1, 2);
        JsonObject first = all.getJsonArray("events").getJsonObject(0);
        assertThat(first.getString("id")).startsWith("evt_");
        assertThat(first.getString("type")).isEqualTo("user.onlinestatus");
        assertThat(first.getInstant("timestamp")).isNotNull();
        assertThat(numbers(pull("?after=" + all.getString("next")))).isEmpty();
    }

    @Test
    void a_cursor_of_the_form_before_is_read_and_goes_on_without_a_gap() {
        append("user.onlinestatus", 1);
        String[] place = API.sql.value("select txid, id from event").split(" ");
        append("user.onlinestatus", 2);
        byte[] old = ByteBuffer.allocate(16)
                .putLong(Long.parseLong(place[0]))
                .putLong(Long.parseLong(place[1]))
                .array();

        String cursor = Base64.getUrlEncoder().withoutPadding().encodeToString(old);
        assertThat(numbers(pull("?after=" + cursor))).containsExactly(2);
    }

    @Test
    void a_reader_of_rare_events_does_not_fall_behind_what_is_kept() {
        JsonObject begin = pull("");
        append("user.onlinestatus", 1);
        String next =
                pull("?types=presence.drift&after=" + begin.getString("next")).getString("next");
        API.sql.run("update event_floor set (txid, id) = (select txid, id from event)");
        try {
            append("presence.drift", 2);
            assertThat(numbers(pull("?types=presence.drift&after=" + next))).containsExactly(2);
        } finally {
            API.sql.run("update event_floor set txid = 0, id = 0");
        }
    }

    @Test
    void pages_pass_over_other_types_and_miss_nothing() {
        for (int i = 1; i <= 30; i++) {
            append(i % 3 == 0 ? "presence.drift" : "user.onlinestatus", i);
        }
        List<Integer> found = new ArrayList<>();
        JsonObject page = pull("?after=oldest&types=presence.*&limit=3");
        while (!page.getJsonArray("events").isEmpty()) {
            found.addAll(numbers(page));
            page = pull("?types=presence.*&limit=3&after=" + page.getString("next"));
        }
        assertThat(found).containsExactly(3, 6, 9, 12, 15, 18, 21, 24, 27, 30);
        assertThat(numbers(pull("?after=" + page.getString("next")))).isEmpty();
    }

    @Test
    void an_answer_holds_no_more_of_large_events_than_memory_is_meant_for() {
        API.sql.run("""
                insert into event (lane, type, key, data)
                select 1, 'presence.drift', 'p:drift', jsonb_build_object('n', n, 'pad',
                    (select string_agg(gen_random_uuid()::text, '') from generate_series(1, 60000) where n > 0))
                from generate_series(1, 9) n""");
        JsonObject page = pull("?after=oldest");
        assertThat(page.getInteger("more")).isEqualTo(1);
        List<Integer> found = new ArrayList<>(numbers(page));
        assertThat(found).hasSizeBetween(1, 8);
        while (page.getInteger("more") == 1) {
            page = pull("?after=" + page.getString("next"));
            found.addAll(numbers(page));
        }
        assertThat(found).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9);
    }

    @Test
    void waits_for_an_event_whose_transaction_is_still_open() {
        String begin = pull("").getString("next");
        SqlConnection connection = await(API.pg.transactions().getConnection());
        Transaction late = await(connection.begin());
        await(EventLog.append(connection, List.of(event("user.onlinestatus", 1))));
        append("user.onlinestatus", 2);
        assertThat(numbers(pull("?after=" + begin))).isEmpty();
        await(late.commit());
        await(connection.close());
        assertThat(numbers(pull("?after=" + begin))).containsExactlyInAnyOrder(1, 2);
    }

    @Test
    void an_answer_waits_for_the_first_event() {
        String begin = pull("").getString("next");
        CompletableFuture<JsonObject> waiting = aside(() -> pull("?wait=10&types=presence.drift&after=" + begin));
        append("user.onlinestatus", 1);
        API.peers.arrived();
        append("presence.drift", 2);
        Awaitility.await().until(() -> {
            API.peers.arrived();
            return waiting.isDone();
        });
        assertThat(numbers(waiting.join())).containsExactly(2);
    }

    @Test
    void says_that_it_has_missed_what_is_gone() {
        append("user.onlinestatus", 1);
        String begin = pull("?after=oldest&limit=1").getString("next");
        API.sql.run("update event_floor set txid = 9223372036854775807, id = 1");
        assertThat(API.get("/events?after=" + begin).problem()).startsWith("409 after:");
    }

    @Test
    void what_cannot_be_shown_has_its_id_all_the_same() {
        await(EventLog.append(
                API.pg.transactions(), List.of(new NewEvent("user.onlinestatus", "u:u1", new JsonObject()))));
        API.sql.run("update event set type = 'msg.notify'");
        JsonObject event = pull("?after=oldest").getJsonArray("events").getJsonObject(0);
        assertThat(event.getString("id")).startsWith("evt_");
        assertThat(event.getValue("data")).isNull();
    }

    @Test
    void refuses_by_the_name_of_the_field() {
        for (String query : List.of("after=x", "types=nope", "limit=0", "limit=1001", "wait=11")) {
            String field = query.substring(0, query.indexOf('='));
            assertThat(API.get("/events?" + query).problem()).startsWith("400 " + field + ":");
        }
    }

    private static JsonObject pull(String query) {
        return API.get("/events" + query).data();
    }

    private static List<Integer> numbers(JsonObject page) {
        JsonArray events = page.getJsonArray("events");
        return events.stream()
                .map(event -> ((JsonObject) event).getJsonObject("data").getInteger("n"))
                .toList();
    }

    private static void append(String type, int n) {
        await(EventLog.append(API.pg.transactions(), List.of(event(type, n))));
    }

    private static NewEvent event(String type, int n) {
        return new NewEvent(type, NewEvent.userKey("u1"), new JsonObject().put("n", n));
    }
}
