package dev.herald.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.it.Device.Protocol;
import dev.herald.postgres.PgClients;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A whole node: RECVACKs of both protocols and /message/syncack move one and the same cursor of a device (promise C4). */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(60)
class AcknowledgementIT {
    private static final int NO_FLAG = -1;
    private static final int APP = 0;
    private static final int WEB = 1;

    private final String postgres = Stores.freshPostgres();
    private final LocalNode node = LocalNode.start(Map.of("postgres.url", postgres));

    @AfterAll
    void stop() {
        node.stop();
    }

    @ParameterizedTest
    @EnumSource
    void what_a_device_acknowledged_online_is_not_pulled_for_it(Protocol protocol) {
        String uid = user();
        try (Device web = connect(protocol, uid, WEB)) {
            sendCommands(uid, 3);
            assertThat(web.places(3)).containsExactly(1L, 2L, 3L);
            web.acknowledge(1, 2);
            await().untilAsserted(() -> assertThat(pull(uid, WEB)).containsExactly(3L));
            web.acknowledge(3);
            await().untilAsserted(() -> assertThat(pull(uid, WEB)).isEmpty());
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_was_acknowledged_for_a_device_over_http_is_not_replayed_to_it(Protocol protocol) {
        String uid = user();
        connect(protocol, uid, WEB).close();
        sendCommands(uid, 3);
        assertThat(pull(uid, WEB)).containsExactly(1L, 2L, 3L);
        acknowledge(uid, WEB, 2);
        try (Device back = connect(protocol, uid, WEB)) {
            assertThat(back.places(1)).containsExactly(3L);
        }
        acknowledge(uid, WEB, 3);
        try (Device back = connect(protocol, uid, WEB)) {
            sendCommands(uid, 1);
            assertThat(back.places(1)).containsExactly(4L);
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_a_connection_brought_is_acknowledged_over_http_when_it_has_ended(Protocol protocol) {
        String uid = user();
        try (Device web = connect(protocol, uid, WEB)) {
            sendCommands(uid, 3);
            assertThat(web.places(3)).containsExactly(1L, 2L, 3L);
        }
        sendCommands(uid, 1);
        Vertx vertx = Vertx.vertx();
        try {
            Sql sql = new Sql(PgClients.open(vertx, postgres, 1).statements());
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                acknowledge(uid, WEB, 100);
                return sql.rows("select seq from device_cursor where uid = $1 and seq > 0", uid)
                        .equals(List.of("3"));
            });
        } finally {
            Sql.await(vertx.close());
        }
    }

    @ParameterizedTest
    @EnumSource
    void an_acknowledgement_that_names_no_device_hides_nothing_from_one(Protocol protocol) {
        String uid = user();
        connect(protocol, uid, WEB).close();
        sendCommands(uid, 3);
        assertThat(pull(uid, NO_FLAG)).containsExactly(1L, 2L, 3L);
        acknowledge(uid, NO_FLAG, 3);
        assertThat(pull(uid, NO_FLAG)).isEmpty();
        assertThat(pull(uid, WEB)).containsExactly(1L, 2L, 3L);
        try (Device back = connect(protocol, uid, WEB)) {
            assertThat(back.places(3)).containsExactly(1L, 2L, 3L);
        }
    }

    @ParameterizedTest
    @EnumSource
    void devices_of_one_user_acknowledge_each_for_itself(Protocol protocol) {
        String uid = user();
        try (Device app = connect(protocol, uid, APP);
                Device web = connect(protocol, uid, WEB)) {
            sendCommands(uid, 2);
            assertThat(app.places(2)).containsExactly(1L, 2L);
            assertThat(web.places(2)).containsExactly(1L, 2L);
            web.acknowledge(1, 2);
            await().untilAsserted(() -> assertThat(pull(uid, WEB)).isEmpty());
            assertThat(pull(uid, APP)).containsExactly(1L, 2L);
        }
        acknowledge(uid, APP, 1);
        try (Device app = connect(protocol, uid, APP);
                Device web = connect(protocol, uid, WEB)) {
            assertThat(app.places(1)).containsExactly(2L);
            sendCommands(uid, 1);
            assertThat(app.places(2)).containsExactly(2L, 3L);
            assertThat(web.places(1)).containsExactly(3L);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_gap_in_the_acknowledgements_holds_the_cursor_until_it_is_closed(Protocol protocol) {
        String uid = user();
        try (Device web = connect(protocol, uid, WEB)) {
            sendCommands(uid, 3);
            web.places(3);
            web.acknowledge(3, 2);
            await().during(Duration.ofMillis(300)).until(() -> pull(uid, WEB).size() == 3);
        }
        try (Device back = connect(protocol, uid, WEB)) {
            assertThat(back.places(3)).containsExactly(1L, 2L, 3L);
            back.acknowledge(3, 1);
            await().untilAsserted(() -> assertThat(pull(uid, WEB)).containsExactly(2L, 3L));
            back.acknowledge(2);
            await().untilAsserted(() -> assertThat(pull(uid, WEB)).isEmpty());
        }
    }

    @Test
    void who_asks_for_it_is_told_how_far_each_device_has_acknowledged_and_nobody_else_causes_an_event()
            throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            Sql sql = new Sql(PgClients.open(vertx, postgres, 1).statements());
            Receiver receiver = new Receiver(vertx);
            String uid = user();
            connect(Protocol.BINARY, uid, WEB).close();
            sendCommands(uid, 5);
            pull(uid, WEB);
            acknowledge(uid, WEB, 1);
            await().until(() -> sql.rows("select from device_cursor where uid = $1 and seq = 1", uid)
                            .size()
                    == 1);
            assertThat(sql.rows("select data from event where type = 'cmd.acknowledged'"))
                    .isEmpty();

            JsonObject endpoint = JsonObject.of(
                    "url", receiver.url(), "events", JsonArray.of("cmd.acknowledged"), "secret", Receiver.SECRET);
            post("/webhooks", endpoint);
            acknowledge(uid, WEB, 3);
            await().until(() -> receiver.taken().size() == 1);
            acknowledge(uid, NO_FLAG, 4);
            acknowledge(uid, WEB, 2);
            try (Device web = connect(Protocol.JSON_RPC, uid, WEB);
                    Device fresh = connect(Protocol.BINARY, uid, APP)) {
                web.places(2);
                sendCommands(uid, 1);
                fresh.places(1);
                fresh.acknowledge(1);
                await().until(() -> receiver.taken().size() == 2);
                web.acknowledge(1, 2, 3);
            }
            await().untilAsserted(() -> assertThat(told(receiver, uid)).endsWith("1 6"));
            assertThat(told(receiver, uid)).startsWith("1 3", "0 6").doesNotHaveDuplicates();
            assertThat(told(receiver, uid).stream().filter(text -> text.startsWith("1 ")))
                    .isSorted();
            assertThat(receiver.badSignatures()).isEmpty();
        } finally {
            Sql.await(vertx.close());
        }
    }

    /** Device flag and place of each acknowledgement. */
    private static List<String> told(Receiver receiver, String uid) {
        return receiver.taken().stream()
                .map(arrival -> new JsonObject(arrival.body()))
                .filter(event -> event.getString("type").equals("cmd.acknowledged"))
                .map(event -> event.getJsonObject("data"))
                .filter(data -> data.getString("uid").equals(uid))
                .map(data -> data.getInteger("device_flag") + " " + data.getLong("seq"))
                .toList();
    }

    private static String user() {
        return "u" + UUID.randomUUID();
    }

    /** The pull makes sure that the device is known: a further one of its user has no claim to what was before it. */
    private Device connect(Protocol protocol, String uid, int flag) {
        Device device = Device.connect(protocol, node.ws(), uid, flag);
        pull(uid, flag);
        return device;
    }

    /** Returns when they are in the inbox. */
    private void sendCommands(String uid, int count) {
        long before = tail(uid);
        String payload =
                Base64.getEncoder().encodeToString("{\"type\":99,\"cmd\":\"hello\"}".getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < count; i++) {
            JsonObject command = JsonObject.of(
                    "header", JsonObject.of("sync_once", 1), "subscribers", JsonArray.of(uid), "payload", payload);
            post("/message/send", command);
        }
        await().until(() -> tail(uid) == before + count);
    }

    /** The newest place in the inbox, as a device sees it that never acknowledges. */
    private long tail(String uid) {
        return pull(uid, 200).stream().mapToLong(place -> place).max().orElse(0);
    }

    private List<Long> pull(String uid, int flag) {
        JsonArray entries = new JsonArray(post("/message/sync", about(uid, flag).put("limit", 100)));
        return IntStream.range(0, entries.size())
                .mapToObj(entries::getJsonObject)
                .filter(entry -> entry.getLong("message_id") > 0)
                .map(entry -> entry.getLong("message_seq"))
                .toList();
    }

    private void acknowledge(String uid, int flag, long seq) {
        post("/message/syncack", about(uid, flag).put("last_message_seq", seq));
    }

    private static JsonObject about(String uid, int flag) {
        JsonObject body = JsonObject.of("uid", uid);
        return flag == NO_FLAG ? body : body.put("device_flag", flag);
    }

    private String post(String path, JsonObject body) {
        HttpResponse<String> answer = node.post(path, body.encode());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }
}
