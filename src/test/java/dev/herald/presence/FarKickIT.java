package dev.herald.presence;

import static dev.herald.presence.PresenceNode.APP;
import static dev.herald.presence.PresenceNode.now;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.bus.message.SocketMessage.CloseSessions;
import dev.herald.it.Nodes;
import dev.herald.it.Stores;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Sessions that end on one node and have their sockets on another, on a bus that loses what it is told. */
@Timeout(60)
class FarKickIT {
    @RegisterExtension
    static final Nodes NODES = Nodes.of(3);

    private final String redis = Stores.freshRedis();
    private final String pg = Stores.freshPostgres();
    private final PresenceNode a = new PresenceNode(NODES, 1, redis, pg, Map.of());

    @AfterEach
    void stop() {
        a.close();
    }

    @Test
    void what_is_lost_on_the_bus_is_told_again() {
        try (PresenceNode b = new PresenceNode(NODES, 2, redis, pg, Map.of())) {
            SessionInfo kicked = b.open("u1", APP);
            SessionInfo replaced = b.open("u2", APP);
            AtomicInteger told = new AtomicInteger();
            a.vertx.eventBus().addOutboundInterceptor(delivery -> {
                boolean isKick = Addresses.SESSIONS_CLOSE
                        .value()
                        .equals(delivery.message().headers().get("address"));
                if (!isKick || told.incrementAndGet() > 2) {
                    delivery.next();
                }
            });
            a.kick("u1", APP);
            a.open(a.session("u2", APP, true, "phone"));

            await().untilAsserted(() -> assertThat(b.closes)
                    .containsOnly(
                            new CloseSessions(List.of(kicked.id()), false, "go"),
                            new CloseSessions(List.of(replaced.id()), false, "login in other device")));
            assertThat(told).hasValueGreaterThan(2);
            assertThat(a.closes).isEmpty();
        }
    }

    @Test
    void a_node_of_the_version_before_is_told_as_it_was_then() {
        List<CloseSessions> closes = new CopyOnWriteArrayList<>();
        var sockets = NODES.bus(3).hear(Addresses.SOCKETS_CLOSE, closes::add);
        MuteNode older = new MuteNode(a.vertx, redis, 3);
        SessionInfo session = older.session("u3", APP);
        now(older.open(session));
        a.kick("u3", APP);

        await().untilAsserted(() ->
                assertThat(closes).containsExactly(new CloseSessions(List.of(session.id()), false, "go")));
        now(sockets.unregister());
        older.die();
    }
}
