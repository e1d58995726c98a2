package dev.herald.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.message.Done;
import dev.herald.bus.message.SocketMessage.InboxesChanged;
import dev.herald.it.Nodes;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ProbeIT {
    @Test
    void a_node_that_lives_but_is_cut_off_is_noticed_and_clients_are_swept_for() {
        try (Nodes nodes = Nodes.start(2)) {
            Bus bus = nodes.bus(1);
            List<InboxesChanged> sweeps = new CopyOnWriteArrayList<>();
            bus.serve(Addresses.SOCKETS_REPLAY, changed -> {
                sweeps.add(changed);
                return Future.succeededFuture(Done.DONE);
            });
            bus.expect(Set.of(2L));
            await().during(Duration.ofSeconds(6)).until(() -> bus.unreachable().isEmpty());
            assertThat(sweeps).isEmpty();

            nodes.cutOff(2);
            await().until(() -> sweeps.size() == 1);
            assertThat(bus.unreachable()).containsExactly(2L);

            bus.expect(Set.of());
            assertThat(bus.unreachable()).isEmpty();
        }
    }

    @Test
    void a_node_without_a_bus_reaches_nobody() {
        Vertx vertx = Vertx.vertx();
        Bus alone = new Bus(vertx);
        alone.expect(Set.of(7L, 8L));
        await().until(() -> alone.unreachable().equals(Set.of(7L, 8L)));
        vertx.close();
    }
}
