package dev.herald.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.EmptyWebhookSecretException;
import com.standardwebhooks.exceptions.WebhookSigningException;
import dev.herald.it.BadWay.Weather;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The example back end, through webhooks that fail, crashes on both sides and its own absence: its table ends right. */
@Timeout(180)
class BackendIT {
    private static final int APP = 0;
    private static final int WEB = 1;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration NEVER = Duration.ofHours(1);
    private static final List<String> USERS =
            IntStream.range(0, 300).mapToObj(i -> "u" + i).toList();

    private final Vertx vertx = Vertx.vertx();

    @TempDir
    private Path folder;

    private Backend backend;
    private BadWay way;
    private HeraldProcess herald;

    @BeforeEach
    void start() {
        backend = new Backend(vertx, folder);
        way = new BadWay(vertx, backend.port());
        Map<String, String> settings = new HashMap<>();
        settings.put("HERALD_POSTGRES_URL", Stores.freshPostgresApart());
        settings.put("HERALD_REDIS_URL", Stores.freshRedis());
        settings.put("HERALD_WEBHOOK_URL", way.url());
        settings.put("HERALD_WEBHOOK_SECRET", Receiver.SECRET);
        settings.put("HERALD_WEBHOOK_FORMAT", "standard");
        settings.put("HERALD_PRESENCE_LEASE", "PT3S");
        settings.put("HERALD_PRESENCE_GRACE", "PT1S");
        herald = HeraldProcess.start(folder, settings);
    }

    @AfterEach
    void close() {
        backend.close();
        herald.kill();
        Sql.await(vertx.close());
    }

    @Test
    void ends_right_though_webhooks_fail_and_repeat_and_both_sides_are_killed() {
        backend.start(herald, NEVER);
        try (Crowd web = Crowd.connect(vertx, herald.ws(), USERS, WEB);
                Crowd app = Crowd.connect(vertx, herald.ws(), USERS.subList(0, 50), APP)) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(backend.all()).isEqualTo(truth()));
            assertThat(web.gone() + app.gone()).isZero();
            forgeriesAreRefused();

            way.weather(Weather.STORM);
            app.leave();
            churn();
            backend.kill();
            backend.start(herald, NEVER);
            herald.kill();
        }
        herald.start();
        try (Crowd back = Crowd.connect(vertx, herald.ws(), USERS.subList(100, 200), WEB)) {
            churn();
            backend.kill();
            backend.start(herald, Duration.ofSeconds(1));
            await().atMost(PATIENCE).until(() -> heraldsOnline().equals(sorted(USERS.subList(100, 200))));
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(backend.online()).isEqualTo(heraldsOnline()));
            assertThat(way.repeats()).isPositive();
            assertThat(back.gone()).isZero();
        }
        await().atMost(PATIENCE).until(() -> heraldsOnline().isEmpty());
        await().atMost(PATIENCE).until(() -> backend.online().isEmpty());
    }

    @Test
    void ends_right_though_it_was_away_all_the_time() {
        way.weather(Weather.CLOSED);
        try (Crowd web = Crowd.connect(vertx, herald.ws(), USERS, WEB)) {
            churn();
            herald.kill();
            assertThat(web.gone()).isBetween(0, USERS.size());
        }
        herald.start();
        try (Crowd back = Crowd.connect(vertx, herald.ws(), USERS.subList(0, 200), WEB)) {
            await().atMost(PATIENCE).until(() -> heraldsOnline().equals(sorted(USERS.subList(0, 200))));

            backend.start(herald, NEVER);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(backend.online()).isEqualTo(heraldsOnline()));
            way.weather(Weather.CALM);
            clientsAreTold();
            whatWasTakenIsDropped();
            assertThat(back.gone()).isZero();
        }
    }

    /** Users come and go. */
    private void churn() {
        for (int i = 0; i < 3; i++) {
            Crowd.connect(vertx, herald.ws(), USERS.subList(40 * i, 40 * i + 60), APP)
                    .close();
        }
    }

    private void forgeriesAreRefused() {
        Map<String, String> headers = Map.of(
                "webhook-id", "forged",
                "webhook-timestamp", Long.toString(System.currentTimeMillis() / 1_000),
                "webhook-signature", "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=");
        assertThat(backend.post(online("forged"), headers).statusCode()).isEqualTo(401);
        assertThat(backend.online()).doesNotContain("forged");
    }

    /** What is in it makes no difference: an id that was taken is answered and dropped. */
    private void whatWasTakenIsDropped() {
        assertThat(postSigned("taken", online("first")).statusCode()).isEqualTo(204);
        assertThat(postSigned("taken", online("second")).statusCode()).isEqualTo(204);
        assertThat(postSigned("new", online("third")).statusCode()).isEqualTo(204);
        assertThat(backend.online()).contains("first", "third").doesNotContain("second");
    }

    private HttpResponse<String> postSigned(String id, String body) {
        long now = System.currentTimeMillis() / 1_000;
        try {
            return backend.post(
                    body,
                    Map.of(
                            "webhook-id", id,
                            "webhook-timestamp", Long.toString(now),
                            "webhook-signature", new Webhook(Receiver.SECRET).sign(id, now, body)));
        } catch (EmptyWebhookSecretException | WebhookSigningException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String online(String uid) {
        return "{\"type\":\"user.onlinestatus\",\"data\":{\"uid\":\"%s\",\"scope\":\"user\",\"online\":true,\"version\":1,\"since\":1}}"
                .formatted(uid);
    }

    private void clientsAreTold() {
        var first = backend.status("u0,u250", "");
        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(new JsonObject(first.body())
                        .getJsonArray("users").stream().map(user -> ((JsonObject) user).getBoolean("online")))
                .containsExactly(true, false);
        String etag = first.headers().firstValue("etag").orElseThrow();
        assertThat(backend.status("u0,u250", etag).statusCode()).isEqualTo(304);
        assertThat(backend.status("u0,u1", etag).statusCode()).isEqualTo(200);
    }

    private List<String> heraldsOnline() {
        return query().stream()
                .filter(user -> user.getBoolean("online"))
                .map(user -> user.getString("uid"))
                .sorted()
                .toList();
    }

    private List<String> truth() {
        return query().stream()
                .map(user ->
                        "%s %s %d".formatted(user.getString("uid"), user.getBoolean("online"), user.getLong("version")))
                .sorted()
                .toList();
    }

    private List<JsonObject> query() {
        String body = new JsonObject().put("users", new JsonArray(USERS)).encode();
        HttpResponse<String> answer =
                await().until(() -> herald.post("/presence/query", body), it -> it.statusCode() == 200);
        return new JsonObject(answer.body())
                .getJsonObject("data").getJsonArray("users").stream()
                        .map(JsonObject.class::cast)
                        .toList();
    }

    private static List<String> sorted(List<String> uids) {
        return uids.stream().sorted().toList();
    }
}
