package dev.herald.webhook;

import static dev.herald.webhook.WebhookWorld.get;
import static dev.herald.webhook.WebhookWorld.online;
import static dev.herald.webhook.WebhookWorld.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.herald.bus.Addresses;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.WebhookMessage.FireTest;
import dev.herald.bus.message.WebhookMessage.TestFired;
import dev.herald.config.ConfigLoader;
import dev.herald.endpoint.Attempts;
import dev.herald.endpoint.Endpoint.Format;
import dev.herald.endpoint.Endpoint.Scheme;
import dev.herald.endpoint.Endpoint.Security;
import dev.herald.endpoint.Endpoint.Settings;
import dev.herald.endpoint.Endpoint.State;
import dev.herald.endpoint.Endpoints.Edit;
import dev.herald.endpoint.Secrets;
import dev.herald.endpoint.SigningSecret;
import dev.herald.endpoint.Vault;
import dev.herald.eventlog.EventExamples;
import dev.herald.eventlog.EventFeed;
import dev.herald.eventlog.EventLog.NewEvent;
import dev.herald.eventlog.EventType;
import dev.herald.eventlog.LoggedEvent;
import dev.herald.eventlog.MessageEvents;
import dev.herald.eventlog.Position;
import dev.herald.it.Receiver;
import dev.herald.it.Receiver.Answer;
import dev.herald.it.Receiver.Arrival;
import dev.herald.postgres.PgClients;
import dev.herald.webhook.retry.Breaker;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlClient;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Several endpoints, each as it wants to be served. */
@Timeout(90)
class EndpointsIT {
    @RegisterExtension
    final WebhookWorld world = WebhookWorld.withoutEndpoint();

    private final Receiver receiver = world.receiver;

    @Test
    void a_standard_endpoint_gets_envelopes_that_its_schema_describes() throws Exception {
        create("one", receiver, Format.STANDARD, 1, 0, "user.*");
        world.node(1);
        world.append(full("u1", 1), full("u1", 2));
        await().until(() -> receiver.arrivals().size() == 2);
        Arrival arrival = receiver.arrivals().getFirst();
        JsonObject envelope = new JsonObject(arrival.body());
        assertThat(envelope.getString("id")).isEqualTo(arrival.id());
        assertThat(envelope.getString("type")).isEqualTo("user.onlinestatus");
        assertThat(envelope.getJsonObject("data").getString("uid")).isEqualTo("u1");
        assertThat(arrival.uri()).isEqualTo("/hook");
        valid(EventExamples.of(EventType.ONLINE_STATUS).getJsonObject("standard"), arrival.body());
    }

    @Test
    void a_standard_endpoint_with_batches_gets_several_of_any_type_in_one_body() throws Exception {
        create("one", receiver, Format.STANDARD, 10, 0, "*");
        world.append(
                online("u1", 1),
                new NewEvent(EventType.PRESENCE_DRIFT, NewEvent.userKey("u1"), JsonObject.of("ghosts", 3)),
                online("u1", 2));
        world.node(1);
        await().until(() -> !receiver.arrivals().isEmpty());
        JsonObject batch = new JsonObject(receiver.arrivals().getFirst().body());
        valid(EventExamples.batch().getJsonObject("standard"), batch.encode());
        assertThat(Instant.parse(batch.getString("timestamp"))).isBefore(Instant.now());
        assertThat(batch.getJsonObject("data").getJsonArray("events").stream()
                        .map(event -> ((JsonObject) event).getString("type")))
                .containsExactly("user.onlinestatus", "presence.drift", "user.onlinestatus");
    }

    @Test
    void what_is_posted_in_wukongims_form_is_as_its_schema_says() throws Exception {
        create("one", receiver, Format.WUKONG, 10, 0, "*");
        world.node(1);
        world.append(full("u-1", 1));
        await().until(() -> receiver.arrivals().size() == 1);
        valid(
                EventExamples.of(EventType.ONLINE_STATUS).getJsonObject("wukong"),
                receiver.arrivals().getFirst().body());
    }

    @Test
    void every_example_is_as_its_schema_says() {
        for (EventType type : EventType.outside()) {
            JsonObject schemas = EventExamples.of(type);
            for (String format : List.of("standard", "wukong")) {
                JsonObject schema = schemas.getJsonObject(format);
                valid(
                        schema,
                        io.vertx.core.json.Json.encode(
                                schema.getJsonArray("examples").getValue(0)));
            }
        }
    }

    @Test
    void a_node_with_another_key_does_not_start() throws Exception {
        create("one", receiver, Format.STANDARD, 1, 0, "user.*");
        world.config.put("webhook.key", "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        assertThatThrownBy(() -> world.node(1)).hasMessageContaining("webhook.key: is not the key");
    }

    @Test
    void own_headers_and_an_ed25519_signature_are_sent() throws Exception {
        receiver.expectOtherSignatures();
        Vault vault = vault();
        SigningSecret secret = SigningSecret.generate(Scheme.V1A);
        Security security = new Security(
                Scheme.V1A,
                List.of(secret.publicKey()),
                List.of("Authorization"),
                Secrets.of(secret).seal(vault, "one"),
                vault.seal("one", "{\"Authorization\":\"Bearer abc\"}"));
        get(world.endpoints.create(
                "one",
                settings(receiver, Format.STANDARD, 1, 0, "user.*"),
                security,
                (tx, made) -> Future.succeededFuture(made)));
        world.node(1);
        world.append(online("u1", 1));
        await().until(() -> receiver.arrivals().size() == 1);
        Arrival arrival = receiver.arrivals().getFirst();
        assertThat(arrival.headers().get("authorization")).containsExactly("Bearer abc");
        assertThat(arrival.headers().get("webhook-signature").getFirst()).startsWith("v1a,");
    }

    @Test
    void each_gets_what_it_asks_for_from_its_creation_on_and_nothing_after_its_end() throws Exception {
        Receiver other = new Receiver(world.vertx);
        create("one", receiver, Format.WUKONG, 10, 0, "user.*");
        world.node(1);
        world.append(online("u1", 1), new NewEvent(EventType.PRESENCE_DRIFT, "u:u1", new JsonObject()));
        await().until(() -> receiver.arrivals().size() == 1);
        create("two", other, Format.WUKONG, 10, 0, "user.*");
        world.append(online("u1", 2));
        await().until(() -> other.arrivals().size() == 1 && receiver.arrivals().size() == 2);
        assertThat(other.arrivals().getFirst().texts()).containsExactly(text("u1", 2));
        get(world.endpoints.delete("two", tx -> Future.succeededFuture(true)));
        world.bus.tell(Addresses.WEBHOOKS_CHANGED, Done.DONE);
        await().until(() -> world.number("select count(*) from webhook_lane where endpoint = 'two'") == 0);
        world.append(online("u1", 3));
        await().until(() -> receiver.arrivals().size() == 3);
        await().during(Duration.ofMillis(300)).until(() -> other.arrivals().size() == 1);
        assertThat(receiver.arrivals()).allMatch(arrival -> arrival.uri().endsWith("user.onlinestatus"));
    }

    @Test
    void one_that_hangs_delays_no_other() throws Exception {
        Receiver dead = new Receiver(world.vertx);
        dead.answer(arrival -> Answer.hang());
        create("dead", dead, Format.WUKONG, 10, 0, "user.*");
        create("alive", receiver, Format.WUKONG, 10, 0, "user.*");
        world.config.put("webhook.timeout", "PT20S");
        world.node(1);
        for (int n = 0; n < 20; n++) {
            int round = n;
            world.append(IntStream.range(0, 100)
                    .mapToObj(user -> online("u" + user, round))
                    .toArray(NewEvent[]::new));
        }
        await().until(() -> receiver.firstArrivals().size() == 2_000);
        assertThat(dead.taken()).isEmpty();
        assertThat(dead.arrivals()).isNotEmpty();
        assertThat(world.number("select count(*) from webhook_lane where endpoint = 'alive' and attempts > 0"))
                .isZero();
    }

    @Test
    void all_nodes_together_keep_to_the_rate() throws Exception {
        create("one", receiver, Format.STANDARD, 1, 20, "user.*");
        world.append(
                IntStream.range(0, 80).mapToObj(user -> online("u" + user, 1)).toArray(NewEvent[]::new));
        world.node(1);
        world.node(2);
        await().until(() -> receiver.arrivals().size() == 80);
        List<Long> times = new ArrayList<>(
                receiver.arrivals().stream().map(Arrival::atMillis).sorted().toList());
        // Two and a half seconds' worth; at twice the rate it took 1,250 ms.
        for (int i = 0; i + 50 < times.size(); i++) {
            assertThat(times.get(i + 50) - times.get(i)).isGreaterThan(1_400);
        }
    }

    @Test
    void what_has_gathered_while_an_endpoint_was_down_comes_at_its_rate() throws Exception {
        receiver.answer(arrival -> Answer.status(500));
        create("one", receiver, Format.STANDARD, 1, 20, "user.*");
        world.append(
                IntStream.range(0, 50).mapToObj(user -> online("u" + user, 1)).toArray(NewEvent[]::new));
        world.node(1);
        await().until(() -> receiver.arrivals().size() > Breaker.FAILURES);
        receiver.answer(arrival -> Answer.status(200));
        await().until(() -> receiver.taken().size() == 50);
        List<Long> times =
                receiver.taken().stream().map(Arrival::atMillis).sorted().toList();
        for (int i = 0; i + 40 < times.size(); i++) {
            assertThat(times.get(i + 40) - times.get(i)).isGreaterThan(900);
        }
    }

    @Test
    void a_test_goes_to_a_paused_endpoint_and_leaves_the_log_alone() throws Exception {
        create("one", receiver, Format.STANDARD, 1, 0, "user.*");
        get(world.endpoints.change("one", now -> Edit.of(now, State.PAUSED, "")));
        world.node(1);
        TestFired fired = get(world.bus.request(Addresses.WEBHOOK_TEST, new FireTest("one", "msg.offline")));
        assertThat(fired.delivered()).isTrue();
        assertThat(fired.status()).isEqualTo("200");
        assertThat(fired.answer()).isEqualTo("whatever");
        Arrival arrival = receiver.arrivals().getFirst();
        assertThat(arrival.id()).isEqualTo(fired.request());
        assertThat(new JsonObject(arrival.body()).getString("type")).isEqualTo("msg.offline");
        assertThat(world.number("select count(*) from event")).isZero();
    }

    @Test
    void a_test_of_an_endpoint_with_batches_is_a_batch_that_its_schema_describes() throws Exception {
        create("one", receiver, Format.STANDARD, 10, 0, "user.*");
        world.node(1);
        TestFired fired = get(world.bus.request(Addresses.WEBHOOK_TEST, new FireTest("one", "user.onlinestatus")));
        assertThat(fired.delivered()).isTrue();
        String body = receiver.arrivals().getFirst().body();
        valid(EventExamples.batch().getJsonObject("standard"), body);
        JsonObject event = new JsonObject(body)
                .getJsonObject("data")
                .getJsonArray("events")
                .getJsonObject(0);
        assertThat(event.getString("id")).isEqualTo(fired.request());
        valid(EventExamples.of(EventType.ONLINE_STATUS).getJsonObject("standard"), event.encode());
    }

    @Test
    void a_key_that_comes_late_is_found_without_a_restart() throws Exception {
        Path file = Path.of(world.config.get("data.dir"), "webhook.key");
        world.chores = Duration.ofMillis(200);
        world.node(1);
        Files.createDirectory(file);
        create("one", receiver, Format.STANDARD, 1, 0, "user.*");
        world.append(online("u1", 1));
        await().during(Duration.ofMillis(500)).until(() -> receiver.arrivals().isEmpty());
        Files.delete(file);
        Files.writeString(file, world.config.get("webhook.key"));
        await().until(() -> receiver.arrivals().size() == 1);
    }

    @Test
    void single_events_wait_for_no_others() throws Exception {
        Settings patient =
                new Settings(receiver.url(), "", Format.STANDARD, List.of("user.*"), 1, Duration.ofSeconds(10), 8, 0);
        get(world.endpoints.create("one", patient, sealed("one"), (tx, made) -> Future.succeededFuture(made)));
        world.node(1);
        world.append(online("u1", 1));
        world.awaitAllDelivered();
        assertThat(world.number("select count(*) from webhook_lane where endpoint = 'one' and next_at > now()"))
                .isZero();
    }

    @Test
    void attempts_tell_status_answer_and_when_it_is_tried_again() throws Exception {
        receiver.answer(arrival -> arrival.number() == 0
                ? (vertx, request) -> request.response().setStatusCode(500).end("out of\0 order")
                : Answer.status(204));
        create("one", receiver, Format.STANDARD, 1, 0, "user.*");
        world.node(1);
        world.append(online("u1", 1));
        await().until(() -> world.number("select count(*) from webhook_attempt") == 2);
        var rows = world.query("select *, next_at > at as later from webhook_attempt order by id")
                .iterator();
        var failed = rows.next();
        assertThat(failed.getString("status")).isEqualTo("500");
        assertThat(failed.getString("answer")).isEqualTo("out of  order");
        assertThat(failed.getBoolean("later")).isTrue();
        assertThat(failed.getInteger("attempt")).isEqualTo(1);
        var delivered = rows.next();
        assertThat(delivered.getString("status")).isEqualTo("204");
        assertThat(delivered.getValue("next_at")).isNull();
        assertThat(delivered.getString("request")).isEqualTo(failed.getString("request"));
    }

    @Test
    void a_request_carried_the_events_that_were_in_it_and_none_that_came_meanwhile() throws Exception {
        receiver.answer(arrival -> Answer.status(arrival.number() == 0 ? 500 : 204));
        create("one", receiver, Format.STANDARD, 2, 0, "user.*");
        world.append(online("u1", 1), online("u1", 2));
        world.node(1);
        await().until(() -> !receiver.arrivals().isEmpty());
        world.append(online("u1", 3));
        await().until(() -> world.number("select count(*) from webhook_attempt") == 3);
        List<Attempts.OfEndpoint> made = get(new Attempts(world.pg).since(Instant.EPOCH));
        List<LoggedEvent> events = get(new EventFeed(world.pg.transactions())
                        .presenceAfter(new Position(0, 0), 9, true))
                .events();
        List<List<Integer>> carriers = new ArrayList<>();
        for (LoggedEvent event : events) {
            Set<Long> upToIt = get(MessageEvents.upTo(world.pg.transactions(), event));
            carriers.add(IntStream.rangeClosed(1, 3)
                    .filter(n -> made.get(n - 1).carries(event, upToIt))
                    .boxed()
                    .toList());
        }
        assertThat(carriers).containsExactly(List.of(1, 2), List.of(1, 2), List.of(3));
    }

    @Test
    void an_idle_node_asks_the_database_a_few_times_a_second_however_many_endpoints_there_are() throws Exception {
        for (int i = 0; i < 20; i++) {
            create("e" + i, receiver, Format.STANDARD, 1, 0, "*");
        }
        world.sweep = Duration.ofSeconds(1);
        AtomicInteger asked = new AtomicInteger();
        world.node(
                1,
                new PgClients(
                        counting(Pool.class, world.pg.transactions(), asked),
                        counting(SqlClient.class, world.pg.statements(), asked)));
        // The start looks at every lane once, and rests become longer.
        await().pollInterval(Duration.ofSeconds(5)).until(() -> asked.getAndSet(0) <= 5);
        asked.set(0);
        await().pollDelay(Duration.ofSeconds(5)).until(() -> true);
        assertThat(asked.get()).isLessThanOrEqualTo(15);
        await().until(() -> asked.get() >= 2);
    }

    private static <T> T counting(Class<T> type, T client, AtomicInteger calls) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> {
            if (method.getName().endsWith("uery") || method.getName().equals("withTransaction")) {
                calls.incrementAndGet();
            }
            return method.invoke(client, args);
        }));
    }

    private void create(String id, Receiver to, Format format, int batch, int rate, String events) throws Exception {
        get(world.endpoints.create(
                id, settings(to, format, batch, rate, events), sealed(id), (tx, made) -> Future.succeededFuture(made)));
        world.bus.tell(Addresses.WEBHOOKS_CHANGED, Done.DONE);
    }

    private Security sealed(String id) {
        return new Security(
                Scheme.V1,
                List.of(),
                List.of(),
                Secrets.of(new SigningSecret(Receiver.SECRET)).seal(vault(), id),
                null);
    }

    private Vault vault() {
        world.config.putIfAbsent("webhook.key", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        return Vault.open(ConfigLoader.load(world.config));
    }

    private static Settings settings(Receiver to, Format format, int batch, int rate, String events) {
        return new Settings(to.url(), "", format, List.of(events), batch, Duration.ZERO, 8, rate);
    }

    private static NewEvent full(String uid, int n) {
        return new NewEvent(
                EventType.ONLINE_STATUS,
                NewEvent.userKey(uid),
                online(uid, n).data().put("version", n));
    }

    private static void valid(JsonObject schema, String body) {
        assertThat(SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                        .getSchema(schema.encode())
                        .validate(body, com.networknt.schema.InputFormat.JSON))
                .isEmpty();
    }
}
