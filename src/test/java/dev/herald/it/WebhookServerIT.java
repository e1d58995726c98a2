package dev.herald.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.herald.it.Device.Protocol;
import dev.herald.it.Receiver.Answer;
import dev.herald.it.Receiver.Arrival;
import dev.herald.postgres.PgClients;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A whole node, its back ends, and what it says of both: every type of event as it is produced, and every metric. */
@Timeout(120)
class WebhookServerIT {
    private static final Duration PATIENCE = Duration.ofSeconds(50);

    /** In a row, that open a circuit. */
    private static final int FAILURES = 5;

    private static final String PAYLOAD = "eyJ0eXBlIjoxfQ==";
    private static final Set<String> TYPES = Set.of(
            "user.onlinestatus", "msg.notify", "msg.offline", "cmd.acknowledged", "presence.drift", "webhook.failing");

    private final Vertx vertx = Vertx.vertx();
    private final String postgres = Stores.freshPostgres();
    private final Sql sql = new Sql(PgClients.open(vertx, postgres, 1).statements());
    private final Map<String, JsonObject> schemas = new HashMap<>();
    private Receiver wukong;
    private Receiver standard;
    private Receiver bad;
    private LocalNode node;

    @BeforeEach
    void start() throws Exception {
        wukong = new Receiver(vertx);
        standard = new Receiver(vertx);
        bad = new Receiver(vertx);
        node = LocalNode.start(Map.of(
                "postgres.url",
                postgres,
                "webhook.url",
                wukong.url(),
                "webhook.secret",
                Receiver.SECRET,
                "webhook.events",
                "*, cmd.acknowledged",
                "presence.drift-alarm",
                "1",
                "presence.reconcile-interval",
                "PT1S"));
    }

    @AfterEach
    void stop() {
        node.stop();
        Sql.await(vertx.close());
    }

    @Test
    void every_event_is_as_its_schema_says_and_every_metric_tells_what_happened() throws Exception {
        Receiver gone = new Receiver(vertx);
        gone.answer(arrival -> Answer.status(410));
        bad.answer(arrival -> Answer.status(arrival.number() == 0 ? 429 : arrival.number() == 1 ? 422 : 500));
        create("all", standard, "*", "cmd.acknowledged");
        create("bad", bad, "user.*");
        create("gone", gone, "user.*");
        produceAll();
        described();
        sql.run("""
                insert into dead_letter (endpoint, event_id, txid, lane, type, key, data, created_at, reason, status, attempts)
                select 'bad', n, 1, 0, 'user.onlinestatus', 'u:u1', '{}', now(), 'refused', '', 1 from generate_series(1, 3) n""");
        await().atMost(PATIENCE).untilAsserted(this::measured);
        assertThat(Stream.of(wukong, standard, bad).flatMap(it -> it.badSignatures().stream()))
                .isEmpty();
    }

    /** Until each type has come in both forms, and one of them several times. */
    private void produceAll() {
        for (int i = 0; i < 2 * FAILURES; i++) {
            connect("u" + i).close();
        }
        try (Device alice = connect("alice")) {
            post("/message/send", message("bob", "carol", 1));
            post("/message/send", message("", "carol", 1));
            await().until(() ->
                    !sql.rows("select from user_presence where uid = 'alice'").isEmpty());
            sql.run("update user_presence set online = false, devices = '{}' where uid = 'alice'");
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(300)).until(() -> {
                post(
                        "/message/send",
                        JsonObject.of("header", JsonObject.of("sync_once", 1), "subscribers", JsonArray.of("alice"))
                                .put("payload", PAYLOAD));
                alice.acknowledge(alice.places(1).size());
                return types(standard).containsAll(TYPES) && types(wukong).containsAll(TYPES);
            });
        }
    }

    private Device connect(String uid) {
        return Device.connect(Protocol.JSON_RPC, node.ws(), uid, 1);
    }

    private void described() {
        assertThat(types(standard)).isEqualTo(new TreeSet<>(TYPES));
        for (Arrival arrival : standard.taken()) {
            JsonObject event = new JsonObject(arrival.body());
            JsonObject schema = schema(event.getString("type")).getJsonObject("standard");
            schema.getJsonObject("properties").getJsonObject("data").put("additionalProperties", false);
            valid(schema, arrival.body());
        }
        for (Arrival arrival : wukong.taken()) {
            valid(schema(typeInUrl(arrival)).getJsonObject("wukong"), arrival.body());
        }
    }

    private void measured() {
        List<String> lines = get(node.management() + "/metrics").lines().toList();
        double taken = standard.taken().size();
        assertThat(value(lines, "herald_webhook_attempts_total", "all", "outcome=\"delivered\""))
                .isEqualTo(taken);
        assertThat(value(lines, "herald_webhook_delivered_total", "all")).isEqualTo(taken);
        assertThat(value(lines, "herald_webhook_latency_seconds_count", "all")).isEqualTo(taken);
        assertThat(value(lines, "herald_webhook_lag_events", "all")).isZero();
        assertThat(value(lines, "herald_webhook_breaker", "all")).isZero();
        assertThat(value(lines, "herald_webhook_attempts_total", "bad", "outcome=\"throttled\""))
                .isEqualTo(1);
        assertThat(value(lines, "herald_webhook_attempts_total", "bad", "outcome=\"refused\""))
                .isEqualTo(1);
        assertThat(value(lines, "herald_webhook_attempts_total", "bad", "outcome=\"failed\""))
                .isEqualTo(bad.arrivals().size() - 2.0)
                .isGreaterThanOrEqualTo(FAILURES);
        assertThat(value(lines, "herald_webhook_attempts_total", "gone", "outcome=\"gone\""))
                .isPositive();
        assertThat(value(lines, "herald_webhook_breaker", "bad")).isPositive();
        assertThat(value(lines, "herald_webhook_lag_events", "bad"))
                .isEqualTo(Double.parseDouble(
                        sql.value("select count(*)::text from event where type = 'user.onlinestatus'")));
        assertThat(value(lines, "herald_webhook_lag_seconds", "bad")).isPositive();
        assertThat(value(lines, "herald_webhook_dead_letters", "bad")).isEqualTo(3);
        assertThat(value(lines, "herald_webhook_buried_total", "bad")).isZero();
    }

    private static double value(List<String> metrics, String name, String endpoint, String... labels) {
        List<String> found = metrics.stream()
                .filter(line -> line.startsWith(name + "{"))
                .filter(line -> line.contains("endpoint=\"" + endpoint + "\""))
                .filter(line -> Stream.of(labels).allMatch(line::contains))
                .toList();
        assertThat(found).as(name + " of " + endpoint).hasSize(1);
        return Double.parseDouble(found.getFirst().substring(found.getFirst().lastIndexOf(' ') + 1));
    }

    private static TreeSet<String> types(Receiver receiver) {
        return receiver.taken().stream()
                .map(arrival -> arrival.uri().contains("event=")
                        ? typeInUrl(arrival)
                        : new JsonObject(arrival.body()).getString("type"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String typeInUrl(Arrival arrival) {
        return arrival.uri().substring(arrival.uri().indexOf("event=") + "event=".length());
    }

    private JsonObject schema(String type) {
        return schemas.computeIfAbsent(type, asked -> new JsonObject(get(node.http() + "/webhooks/schemas/" + asked)))
                .copy();
    }

    private static void valid(JsonObject schema, String body) {
        assertThat(SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                        .getSchema(schema.encode())
                        .validate(body, InputFormat.JSON))
                .as(body)
                .isEmpty();
    }

    private void create(String id, Receiver to, String... events) {
        post(
                "/webhooks",
                JsonObject.of("id", id, "url", to.url(), "secret", Receiver.SECRET)
                        .put("events", new JsonArray(List.of(events))));
    }

    private static JsonObject message(String from, String channelId, int channelType) {
        return JsonObject.of(
                "from_uid", from, "channel_id", channelId, "channel_type", channelType, "payload", PAYLOAD);
    }

    private void post(String path, JsonObject body) {
        fine(node.post(path, body.encode()));
    }

    private String get(String url) {
        return fine(node.get(url));
    }

    private static String fine(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }
}
