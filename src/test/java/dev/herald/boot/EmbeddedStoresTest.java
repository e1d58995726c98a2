package dev.herald.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.config.ConfigLoader;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddedStoresTest {
    private final Map<String, String> given = new HashMap<>();

    @Test
    void webhooks_may_go_to_this_machine_if_nothing_of_herald_is_elsewhere() {
        assertThat(allowed()).containsExactly(Map.entry("webhook.allowed-networks", "127.0.0.0/8,::1/128"));
    }

    @Test
    void networks_that_are_allowed_stay_so() {
        given.put("webhook.allowed-networks", "10.0.0.0/8");
        assertThat(allowed()).containsExactly(Map.entry("webhook.allowed-networks", "10.0.0.0/8,127.0.0.0/8,::1/128"));
    }

    @Test
    void loopback_is_not_allowed_to_one_that_others_reach() {
        given.putAll(Map.of("bind", "0.0.0.0", "api.token", "secret", "client.auth", "token"));
        assertThat(allowed()).isEmpty();
    }

    @Test
    void a_second_node_beside_the_first_may_too() {
        given.put("postgres.url", "postgresql://herald:p@127.0.0.1:5432/herald");
        given.put("redis.url", "redis+cluster://localhost:7000,[::1]:7001,127.0.0.1");
        assertThat(allowed()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis://10.0.0.1:6379",
                "redis://127.0.0.1.example.com:6379",
                "redis+cluster://127.0.0.1:7000,redis.example.com:7001",
                "redis://:localhost@redis.example.com"
            })
    void loopback_is_not_allowed_beside_stores_that_are_elsewhere(String url) {
        given.put("redis.url", url);
        assertThat(allowed()).isEmpty();
    }

    private Map<String, String> allowed() {
        return EmbeddedStores.allowances(ConfigLoader.load(given));
    }
}
