package dev.herald.api.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.ApiServer;
import dev.herald.bus.Addresses;
import dev.herald.bus.message.OpsMessage.HealthReport;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class HealthRoutesIT {
    @RegisterExtension
    static final ApiServer server = ApiServer.of(Map.of());

    @Test
    void health_is_what_readiness_is() {
        assertThat(health().json()).isEqualTo(JsonObject.of("status", "ok"));

        server.peers.answer(Addresses.HEALTH, new HealthReport(false, Map.of("redis", "no answer", "postgres", "up")));
        assertThat(health().status()).isEqualTo(503);
        assertThat(health().json()).isEqualTo(JsonObject.of("status", "unavailable", "msg", "redis: no answer"));

        server.peers.answer(Addresses.HEALTH, Future.failedFuture(new HeraldException(Failure.TIMEOUT, "too late")));
        assertThat(health().status()).isEqualTo(503);
        assertThat(health().json()).isEqualTo(JsonObject.of("status", "unavailable", "msg", "too late"));
    }

    private static ApiServer.Answer health() {
        return server.get("/health");
    }
}
