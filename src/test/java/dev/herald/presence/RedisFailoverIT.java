package dev.herald.presence;

import static dev.herald.presence.PresenceNode.APP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.it.RedisFailover;
import dev.herald.it.Stores;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The master dies with what its replica has not got, and the leases of all nodes end before the replica takes over. */
@Timeout(90)
class RedisFailoverIT {
    private static final Map<String, String> SHORT_LEASE =
            Map.of("presence.lease", "PT2S", "presence.lease-renewal", "PT0.2S");

    @Test
    void who_is_connected_stays_online_and_nobody_is_told_otherwise() {
        String pg = Stores.freshPostgres();
        try (RedisFailover redis = new RedisFailover();
                PresenceNode a = new PresenceNode(1, redis.url(), redis.url(), pg, SHORT_LEASE).withSockets();
                PresenceNode b = new PresenceNode(2, redis.url(), redis.url(), pg, SHORT_LEASE).withSockets()) {
            SessionInfo replicated = a.open("u1", APP);
            redis.replica().freeze();
            a.open("u2", APP);
            b.open("u3", APP);
            a.end(replicated);
            await().until(() -> a.told("u1").size() == 2 && a.told("u3").size() == 1);
            redis.master().kill();
            redis.replica().thaw();

            List<String> all = List.of("u1", "u2", "u3");
            await().atMost(Duration.ofSeconds(40))
                    .ignoreExceptions()
                    .until(() -> a.online(all).size() == 2 && a.online("u1").isEmpty());
            assertThat(redis.replica().tell("INFO replication")).contains("role:master");
            // Long enough for whoever takes the other for dead to say so.
            await().during(Duration.ofSeconds(4)).atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                assertThat(a.told("u2")).containsExactly("0 on connect 1/1");
                assertThat(a.told("u3")).containsExactly("0 on connect 1/1");
            });
            assertThat(a.closes).isEmpty();
            assertThat(b.closes).isEmpty();
            assertThat(a.told("u1")).startsWith("0 on connect 1/1", "0 off close 0/0");
        }
    }
}
