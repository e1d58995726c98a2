package dev.herald.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.config.ConfigLoader;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

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
    void loopback_is_not_allowed_beside_stores_of_your_own() {
        given.put("postgres.url", "postgresql://herald@127.0.0.1/herald");
        assertThat(allowed()).isEmpty();
        given.clear();
        given.put("redis.url", "redis://127.0.0.1:6379");
        assertThat(allowed()).isEmpty();
    }

    private Map<String, String> allowed() {
        return EmbeddedStores.allowances(ConfigLoader.load(given));
    }
}
