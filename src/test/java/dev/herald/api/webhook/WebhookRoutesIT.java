package dev.herald.api.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.ApiServer;
import dev.herald.api.ApiServer.Answer;
import dev.herald.bus.message.WebhookMessage.FireTest;
import dev.herald.config.ConfigLoader;
import dev.herald.endpoint.Secrets;
import dev.herald.endpoint.SigningSecret;
import dev.herald.endpoint.Vault;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class WebhookRoutesIT {
    private static final Map<String, String> KEY =
            Map.of("webhook.key", Base64.getEncoder().encodeToString(new byte[32]));
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    @RegisterExtension
    static final ApiServer API = ApiServer.of(KEY);

    @BeforeEach
    void prepare() {
        API.sql.run("delete from dead_letter");
        API.sql.run("delete from webhook_endpoint");
        API.sql.run("truncate webhook_attempt, event");
    }

    @Test
    void a_created_endpoint_has_defaults_lanes_and_a_secret_that_is_shown_once() {
        JsonObject created = API.post("/webhooks", "{\"url\":\"https://backend.example/hook\"}")
                .data();
        assertThat(created.getString("id")).startsWith("wh_");
        assertThat(created.getString("secret")).startsWith("whsec_");
        assertThat(created.getString("format")).isEqualTo("standard");
        assertThat(created.getString("state")).isEqualTo("active");
        assertThat(created.getString("signature")).isEqualTo("v1");
        assertThat(created.getInteger("batch_size")).isEqualTo(1);
        assertThat(created.getInteger("batch_delay_ms")).isEqualTo(200);
        assertThat(created.getJsonArray("types"))
                .containsExactly("user.onlinestatus", "msg.notify", "msg.offline", "presence.drift", "webhook.failing");
        JsonObject read = API.get("/webhooks/" + created.getString("id")).data();
        assertThat(read.fieldNames()).doesNotContain("secret");
        assertThat(API.sql.value("select count(*) from webhook_lane where endpoint = $1", created.getString("id")))
                .isEqualTo("65");
        assertThat(API.get("/webhooks").data().getJsonArray("webhooks")).hasSize(1);
    }

    @Test
    void secrets_and_headers_are_stored_encrypted_and_can_be_read_again() {
        create("{\"id\":\"one\",\"url\":\"https://h/\",\"secret\":\"" + SECRET
                + "\",\"headers\":{\"Authorization\":\"Bearer hunter2\"}}");
        String stored = API.sql.value("select secrets::text || ' ' || headers::text from webhook_endpoint");
        String hunter = "hunter2".chars().mapToObj(Integer::toHexString).reduce("", String::concat);
        assertThat(stored).doesNotContain("hunter2", hunter, SECRET);
        Vault vault = Vault.open(ConfigLoader.load(KEY));
        assertThat(Secrets.unseal(vault, "one", bytes("secrets")).inForce(Instant.now()))
                .containsExactly(new SigningSecret(SECRET));
        assertThat(vault.unseal("one", bytes("headers"))).isEqualTo("{\"Authorization\":\"Bearer hunter2\"}");
        JsonObject read = API.get("/webhooks/one").data();
        assertThat(read.getJsonArray("headers")).containsExactly("Authorization");
        assertThat(read.encode()).doesNotContain("hunter2");
    }

    @Test
    void a_repeated_creation_under_an_id_of_the_callers_is_refused() {
        create("{\"id\":\"one\",\"url\":\"https://h/\"}");
        assertThat(API.post("/webhooks", "{\"id\":\"one\",\"url\":\"https://h/\"}")
                        .problem())
                .isEqualTo("409 id: is taken");
    }

    @Test
    void one_that_is_made_in_wukongims_format_has_larger_batches() {
        create("{\"id\":\"one\",\"url\":\"https://h/\"}");
        create("{\"id\":\"two\",\"url\":\"https://h/\",\"format\":\"wukong\"}");
        create("{\"id\":\"three\",\"url\":\"https://h/\",\"format\":\"wukong\",\"batch_size\":5}");
        assertThat(API.call("PATCH", "/webhooks/one", "{\"format\":\"wukong\"}").status())
                .isEqualTo(200);

        assertThat(API.sql.rows("select id, batch_size from webhook_endpoint order by batch_size"))
                .containsExactly("one 1", "three 5", "two 100");
    }

    @Test
    void an_update_changes_what_it_names() {
        create("{\"id\":\"one\",\"url\":\"https://h/\",\"batch_size\":7,\"description\":\"first\"}");
        JsonObject updated = API.call(
                        "PATCH", "/webhooks/one", "{\"events\":[\"msg.*\"],\"batch_delay_ms\":0,\"description\":\"\"}")
                .data();
        assertThat(updated.getJsonArray("types")).containsExactly("msg.notify", "msg.offline");
        assertThat(updated.getInteger("batch_size")).isEqualTo(7);
        assertThat(updated.getString("description")).isEmpty();
        assertThat(updated.getString("url")).isEqualTo("https://h/");
        assertThat(API.call("PATCH", "/webhooks/one", "{\"url\":\"nowhere\"}").problem())
                .startsWith("400 ");
        assertThat(API.call("PATCH", "/webhooks/two", "{}").status()).isEqualTo(404);
    }

    @Test
    void pauses_resumes_and_deletes() {
        create("{\"id\":\"one\",\"url\":\"https://h/\"}");
        assertThat(API.post("/webhooks/one/pause", "").data().getString("state"))
                .isEqualTo("paused");
        assertThat(API.post("/webhooks/one/resume", "").data().getString("state"))
                .isEqualTo("active");
        assertThat(API.call("DELETE", "/webhooks/one", "").status()).isEqualTo(200);
        assertThat(API.get("/webhooks/one").status()).isEqualTo(404);
        assertThat(API.sql.value("select count(*) from webhook_lane where endpoint = 'one'"))
                .isEqualTo("0");
        insertLetter(1, "user.onlinestatus");
        create("{\"id\":\"one\",\"url\":\"https://h/\"}");
        assertThat(ids("")).isEmpty();
    }

    @Test
    void a_rotation_keeps_the_old_secret_for_its_time() {
        create("{\"id\":\"one\",\"url\":\"https://h/\",\"secret\":\"" + SECRET + "\"}");
        JsonObject rotated =
                API.post("/webhooks/one/rotate", "{\"overlap_seconds\":60}").data();
        Secrets secrets = Secrets.unseal(Vault.open(ConfigLoader.load(KEY)), "one", bytes("secrets"));
        assertThat(secrets.inForce(Instant.now()))
                .containsExactly(new SigningSecret(rotated.getString("secret")), new SigningSecret(SECRET));
        assertThat(secrets.inForce(Instant.now().plusSeconds(61)))
                .containsExactly(new SigningSecret(rotated.getString("secret")));
    }

    @Test
    void a_node_with_another_key_makes_no_secret_that_the_others_could_not_read() {
        create("{\"id\":\"one\",\"url\":\"https://h/\",\"secret\":\"" + SECRET + "\"}");
        byte[] other = new byte[32];
        other[0] = 1;
        try (ApiServer beside =
                API.startBeside(Map.of("webhook.key", Base64.getEncoder().encodeToString(other)))) {
            Answer refused = beside.post("/webhooks/one/rotate", "{}");
            assertThat(refused.status()).isEqualTo(409);
            assertThat(refused.body()).contains("webhook.key");
        }
    }

    @Test
    void ed25519_shows_the_public_key_and_never_the_private_one() {
        JsonObject created = API.post("/webhooks", "{\"id\":\"one\",\"url\":\"https://h/\",\"signature\":\"v1a\"}")
                .data();
        assertThat(created.getString("secret")).isNull();
        assertThat(created.getJsonArray("public_keys").getString(0)).startsWith("whpk_");
        JsonObject rotated = API.post("/webhooks/one/rotate", "{}").data();
        assertThat(rotated.getJsonArray("public_keys")).hasSize(2);
        assertThat(rotated.encode()).doesNotContain("whsk_");
    }

    @Test
    void a_test_is_fired_by_the_dispatcher() {
        create("{\"id\":\"one\",\"url\":\"https://h/\",\"events\":[\"presence.drift\"]}");
        JsonObject fired = API.post("/webhooks/one/test", "{}").data();
        assertThat(fired.getString("status")).isEqualTo("200");
        assertThat(API.peers.heard(FireTest.class)).containsExactly(new FireTest("one", "presence.drift"));
        assertThat(API.post("/webhooks/one/test", "{\"type\":\"nope\"}").problem())
                .startsWith("400 type:");
    }

    @Test
    void lists_finds_and_replays_dead_letters() {
        create("{\"id\":\"one\",\"url\":\"https://h/\"}");
        for (int i = 1; i <= 5; i++) {
            insertLetter(i, i == 5 ? "msg.notify" : "user.onlinestatus");
        }
        assertThat(ids("")).containsExactly("evt_1", "evt_2", "evt_3", "evt_4", "evt_5");
        assertThat(ids("?type=msg.notify")).containsExactly("evt_5");
        assertThat(ids("?key=u:u2")).containsExactly("evt_2");
        assertThat(ids("?text=letter%203")).containsExactly("evt_3");
        assertThat(ids("?since=2026-11-22T10:00:02Z&until=2026-11-22T10:00:04Z"))
                .containsExactly("evt_2", "evt_3");
        assertThat(ids("?limit=2&after=evt_2")).containsExactly("evt_3", "evt_4");
        assertThat(API.get("/webhooks/one/dead-letters?limit=2").data().getInteger("more"))
                .isEqualTo(1);
        assertThat(API.get("/webhooks/one/dead-letters/evt_4").data().getString("status"))
                .isEqualTo("500");
        assertThat(API.get("/webhooks/one/dead-letters/evt_9").status()).isEqualTo(404);
        assertThat(API.get("/webhooks/one/dead-letters?since=soon").problem()).startsWith("400 ");

        assertThat(replayed("/evt_1/replay", "")).isEqualTo(1);
        assertThat(replayed("/evt_1/replay", "")).isZero();
        assertThat(replayed("/replay", "{\"ids\":[\"evt_2\",\"evt_1\"]}")).isEqualTo(1);
        assertThat(replayed("/replay", "{\"type\":\"msg.notify\"}")).isEqualTo(1);
        assertThat(replayed("/replay", "{\"until\":\"2026-11-22T10:00:03.5Z\"}"))
                .isEqualTo(1);
        assertThat(replayed("/replay", "{}")).isEqualTo(1);
        assertThat(API.post("/webhooks/one/dead-letters/evt_9/replay", "").status())
                .isEqualTo(404);
        assertThat(API.sql.value("select count(*) from dead_letter where replay_at is null"))
                .isEqualTo("0");
    }

    @Test
    void finds_and_replays_what_nobody_was_told_of_offline_receivers() {
        API.sql.run("""
                insert into webhook_endpoint (id, url, format, events, types, batch_size, batch_delay_ms, concurrency, rate, scheme, state)
                values ('offline', '', 'standard', '{}', '{}', 50, 0, 4, 0, 'v1', 'active');
                insert into dead_letter (endpoint, event_id, txid, lane, type, key, data, created_at, reason, status, attempts)
                values ('offline', 1, 1, 1, 'msg.notify', 'c:1', '{}', now(), 'expired', '', 9)""");
        assertThat(API.get("/webhooks/offline/dead-letters").data().getJsonArray("dead_letters"))
                .hasSize(1);
        assertThat(API.post("/webhooks/offline/dead-letters/replay", "{}")
                        .data()
                        .getInteger("replayed"))
                .isEqualTo(1);
        assertThat(API.get("/webhooks/offline").status()).isEqualTo(404);
        assertThat(API.get("/webhooks").data().getJsonArray("webhooks")).isEmpty();
    }

    @Test
    void lists_attempts_newest_first() {
        create("{\"id\":\"one\",\"url\":\"https://h/\"}");
        for (int i = 1; i <= 3; i++) {
            API.sql.run("""
                    insert into webhook_attempt (endpoint, at, request, type, events, attempt, delivered, status, latency_ms, answer)
                    values ('one', now(), 'evt_%1$d', 'msg.notify', 1, 1, %2$s, '200', 3, 'fine')""".formatted(i, i != 2));
        }
        JsonArray all = API.get("/webhooks/one/attempts").data().getJsonArray("attempts");
        assertThat(all.stream().map(made -> ((JsonObject) made).getString("request")))
                .containsExactly("evt_3", "evt_2", "evt_1");
        String before = all.getJsonObject(1).getValue("id").toString();
        assertThat(API.get("/webhooks/one/attempts?before=" + before).data().getJsonArray("attempts"))
                .hasSize(1);
        assertThat(API.get("/webhooks/one/attempts?failed=1").data().getJsonArray("attempts"))
                .hasSize(1);
    }

    @Test
    void serves_a_schema_and_an_example_of_every_type() {
        JsonArray types = API.get("/webhooks/schemas").data().getJsonArray("types");
        assertThat(types).hasSize(6);
        for (Object type : types) {
            JsonObject schema = API.get("/webhooks/schemas/" + ((JsonObject) type).getString("type"))
                    .json();
            assertThat(schema.getJsonObject("standard").getJsonArray("examples"))
                    .isNotEmpty();
        }
        assertThat(API.get("/webhooks/schemas/msg.passed").status()).isEqualTo(404);
    }

    @Test
    void what_the_configuration_gives_is_changed_there() {
        insertConfigured();
        assertThat(API.call("PATCH", "/webhooks/config", "{\"rate\":1}").status())
                .isEqualTo(409);
        assertThat(API.call("DELETE", "/webhooks/config", "").status()).isEqualTo(409);
        assertThat(API.post("/webhooks/config/pause", "").status()).isEqualTo(200);
    }

    @Test
    void a_secret_that_the_configuration_does_not_give_is_made_and_shown_by_a_rotation() {
        insertConfigured();
        JsonObject rotated = API.post("/webhooks/config/rotate", "{}").data();
        Vault vault = Vault.open(ConfigLoader.load(KEY));
        assertThat(Secrets.unseal(vault, "config", bytes("secrets")).inForce(Instant.now()))
                .containsExactly(new SigningSecret(rotated.getString("secret")));
        assertThat(API.post("/webhooks/config/rotate", "{\"signature\":\"v1a\"}")
                        .data()
                        .getJsonArray("public_keys"))
                .hasSize(1);
        try (ApiServer given = API.startBeside(Map.of("webhook.secret", SECRET))) {
            assertThat(given.post("/webhooks/config/rotate", "{}").status()).isEqualTo(409);
        }
    }

    private static void insertLetter(int number, String type) {
        API.sql.run("""
                insert into dead_letter (endpoint, event_id, txid, lane, type, key, data, created_at, reason, status, attempts)
                values ('one', %1$d, %1$d, 1, '%2$s', 'u:u%1$d', '{"n":%1$d,"text":"Letter %1$d"}', '2026-11-22T10:00:0%1$dZ', 'refused', '500', 9)
                """.formatted(number, type));
    }

    private static void insertConfigured() {
        API.sql.run("""
                insert into webhook_endpoint (id, url, format, events, types, batch_size, batch_delay_ms, concurrency, rate, scheme, state)
                values ('config', 'https://h/', 'wukong', '{}', '{}', 100, 0, 16, 0, 'v1', 'active')""");
    }

    private static void create(String body) {
        assertThat(API.post("/webhooks", body).status()).isEqualTo(200);
    }

    private static Iterable<String> ids(String query) {
        return API.get("/webhooks/one/dead-letters" + query).data().getJsonArray("dead_letters").stream()
                .map(letter -> ((JsonObject) letter).getString("id"))
                .toList();
    }

    private static int replayed(String path, String body) {
        return API.post("/webhooks/one/dead-letters" + path, body).data().getInteger("replayed");
    }

    private static Buffer bytes(String column) {
        return Buffer.buffer(Base64.getDecoder()
                .decode(API.sql
                        .value("select encode(" + column + ", 'base64') from webhook_endpoint")
                        .replace("\n", "")));
    }
}
