package dev.herald.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigCheckTest {
    @ParameterizedTest
    @CsvSource({
        "bind, example.com",
        "http.port, -1",
        "http.port, 65536",
        "ws.port, ''",
        "http.max-body-bytes, 0",
        "ws.max-frame-bytes, 1e6",
        "ws.max-connections, 0",
        "ws.handshake-timeout, PT0S",
        "ws.handshake-timeout, 10s",
        "commands.lease, -PT1S",
        "commands.window, 99999999999999999999",
        "data.dir, ' '",
        "postgres.url, mysql://root:hunter2@db/herald",
        "postgres.url, postgresql://root:hunter2@db:none/herald",
        "redis.url, http://:hunter2@cache",
        "redis.url, redis://:hunter2@cache/first",
        "redis.url, redis://",
        "redis.url, 'redis://a:6379,b:6379'",
        "redis.url, redis-sentinel://:hunter2@s1:26379",
        "redis.url, redis-cluster://:hunter2@a:7000/1",
        "api.token, 'two words hunter2'",
        "client.auth, hunter2",
        "client.public-tcp, example.com",
        "client.public-tcp, example.com:70000",
        "client.public-tcp, example.com:5100/hunter2",
        "client.public-tcp, hunter2@example.com:5100",
        "client.public-ws, wss://example.com/hunter2",
        "client.public-wss, example.com:443",
        "messages.retention, P30D",
        "messages.retention, '2=P30D,'",
        "messages.retention, '2=P30D,2=P40D'",
        "messages.retention, 2=P3D",
        "messages.retention, 0=P30D",
        "messages.retention, 2=P30D=hunter2",
        "webhook.url, ftp://example.com/hunter2",
        "webhook.url, example.com/hunter2",
        "webhook.url, http://127.1/hunter2",
        "webhook.url, https://me:hunter2@example.com/",
        "webhook.url, https://example.com:65536/hunter2",
        "webhook.headers, hunter2",
        "webhook.headers, {\"X-Tries\":2}",
        "webhook.secret, whsk_aHVudGVyMg==",
        "webhook.secret, whsec_hunter2",
        "webhook.secret, aHVudGVyMg==",
        "webhook.old-secret, whsec_hunter2",
    })
    void refuses(String key, String value) {
        List<Problem> problems = ConfigCheck.problemsOf(defaultsWith(Map.of(key, value)));

        assertThat(problems).extracting(Problem::path).containsExactly(key);
        assertThat(problems.toString()).doesNotContain("hunter2");
    }

    @ParameterizedTest
    @CsvSource({
        "bind, ::1",
        "bind, localhost",
        "bind, 127.0.0.2",
        "http.port, 0",
        "ws.idle-timeout, PT1H30M",
        "client.public-tcp, example.com:5100",
        "client.public-tcp, [::1]:5100",
        "client.public-ws, ws://example.com:5200",
        "client.public-wss, wss://example.com/herald",
        "messages.retention, '2=P365D, 9=P4D'",
        "postgres.url, postgresql://root@my_db/herald",
        "redis.url, redis://cache",
        "redis.url, rediss://:p@cache:6379/3",
        "redis.url, 'redis-sentinel://:p@s1:26379,s2:26379/main/3'",
        "redis.url, 'rediss-cluster://:p@a:7000,b:7000'",
        "webhook.url, http://127.0.0.1:9000/hook?a=b",
        "webhook.secret, MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz",
        "webhook.headers, {\"Authorization\":\"Bearer abc\"}",
    })
    void accepts(String key, String value) {
        assertThat(ConfigCheck.problemsOf(defaultsWith(Map.of(key, value)))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "ws.port, 5001, must not be the same port as http.port",
        "management.port, 5200, must not be the same port as ws.port",
        "tcp.port, 5001, must not be the same port as http.port",
        "ws.idle-timeout, PT10S, must be more than ws.handshake-timeout",
        "presence.max-hold, PT4S, must be at least presence.grace",
        "ws.max-outbox-bytes, 65536, must be at least ws.max-frame-bytes",
    })
    void refuses_a_bad_relation(String key, String value, String text) {
        assertThat(ConfigCheck.problemsOf(defaultsWith(Map.of(key, value)))).containsExactly(new Problem(key, text));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "jwt   | '' | '' | client.auth: jwt goes with exactly one of client.jwt.secret, client.jwt.public-key, client.jwt.jwks",
                "jwt   | https://id/keys | '' | client.jwt.jwks: needs client.jwt.audience or issuer: its keys may sign for others, too",
                "token | https://id/keys | us | client.auth: jwt goes with exactly one of client.jwt.secret, client.jwt.public-key, client.jwt.jwks",
            })
    void refuses_what_tokens_could_not_be_checked_by(String auth, String jwks, String audience, String problem) {
        Map<String, String> values =
                Map.of("client.auth", auth, "client.jwt.jwks", jwks, "client.jwt.audience", audience);

        assertThat(ConfigCheck.problemsOf(defaultsWith(values)))
                .extracting(Problem::toString)
                .containsExactly(problem);
    }

    @Test
    void refuses_weak_keys_for_tokens() throws GeneralSecurityException {
        for (String key : List.of("client.jwt.secret", "client.jwt.public-key")) {
            for (String value : List.of("hunter2", pem(1_024))) {
                if (key.equals("client.jwt.secret") && value.length() > 32) {
                    continue;
                }
                assertThat(ConfigCheck.problemsOf(defaultsWith(Map.of("client.auth", "jwt", key, value))))
                        .extracting(Problem::path)
                        .containsExactly(key);
            }
        }
        for (Map<String, String> good : List.of(
                Map.of("client.jwt.secret", "0123456789abcdef0123456789abcdef"),
                Map.of("client.jwt.public-key", pem(2_048)))) {
            Map<String, String> values = new HashMap<>(good);
            values.put("client.auth", "jwt");
            assertThat(ConfigCheck.problemsOf(defaultsWith(values))).isEmpty();
        }
    }

    @Test
    void the_ports_of_a_cluster_are_ports_like_others() {
        Map<String, String> taken =
                Map.of("cluster.enabled", "true", "cluster.port", "5001", "cluster.bus-port", "5200");

        assertThat(ConfigCheck.problemsOf(defaultsWith(taken)))
                .containsExactly(
                        new Problem("cluster.port", "must not be the same port as http.port"),
                        new Problem("cluster.bus-port", "must not be the same port as ws.port"));
        assertThat(ConfigCheck.problemsOf(defaultsWith(Map.of("cluster.port", "5001"))))
                .isEmpty();
    }

    @Test
    void who_looks_for_nodes_elsewhere_must_be_reached_from_there() {
        for (Map<String, String> elsewhere : List.of(
                Map.of("cluster.enabled", "true", "cluster.members", "127.0.0.1, 10.0.0.7:5701"),
                Map.of("cluster.enabled", "true", "cluster.dns", "herald.default.svc"))) {
            assertThat(ConfigCheck.problemsOf(defaultsWith(elsewhere)))
                    .extracting(Problem::path)
                    .containsExactly("cluster.bind");
            assertThat(ConfigCheck.problemsOf(defaultsWith(with(elsewhere, "cluster.advertise", "127.7.0.1"))))
                    .extracting(Problem::path)
                    .containsExactly("cluster.advertise");
            assertThat(ConfigCheck.problemsOf(defaultsWith(with(elsewhere, "cluster.advertise", "10.0.0.8"))))
                    .isEmpty();
        }
        for (Map<String, String> here : List.of(
                Map.of("cluster.enabled", "true", "cluster.members", "localhost:5702,[::1]"),
                Map.of("cluster.enabled", "true", "cluster.dns", "localhost"))) {
            assertThat(ConfigCheck.problemsOf(defaultsWith(here))).isEmpty();
        }
    }

    @Test
    void any_number_of_ports_may_be_free_ones() {
        assertThat(ConfigCheck.problemsOf(
                        defaultsWith(Map.of("http.port", "0", "ws.port", "0", "management.port", "0"))))
                .isEmpty();
    }

    @Test
    void an_open_bind_asks_for_proof_of_back_ends_and_clients() {
        assertThat(ConfigCheck.problemsOf(defaultsWith(Map.of("bind", "0.0.0.0"))))
                .extracting(Problem::path)
                .containsExactlyInAnyOrder("api.token", "client.auth");
        assertThat(ConfigCheck.problemsOf(
                        defaultsWith(Map.of("bind", "::", "api.token", "secret", "client.auth", "token"))))
                .isEmpty();
    }

    private static String pem(int bits) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(bits);
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder()
                        .encodeToString(generator.generateKeyPair().getPublic().getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }

    private static Map<String, String> defaultsWith(Map<String, String> changed) {
        Map<String, String> values =
                new HashMap<>(ConfigLoader.settings(Map.of()).values());
        values.putAll(changed);
        return values;
    }

    private static Map<String, String> with(Map<String, String> values, String key, String value) {
        Map<String, String> all = new HashMap<>(values);
        all.put(key, value);
        return all;
    }
}
