package dev.herald.messaging.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.MessagingMessage.ChannelMessage;
import dev.herald.bus.message.PresenceMessage.Routes;
import dev.herald.bus.message.SocketMessage;
import dev.herald.bus.message.SocketMessage.Absent;
import dev.herald.bus.message.SocketMessage.Push;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.it.Nodes;
import dev.herald.it.Stores;
import dev.herald.messagelog.MessageLog;
import dev.herald.messaging.roster.Rosters;
import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import dev.herald.model.Payload;
import dev.herald.postgres.PgClients;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

/** Where a person's message goes when the registry is right, late, or silent. */
@Timeout(60)
@TestInstance(Lifecycle.PER_CLASS)
class DeliveriesIT {
    private final Nodes nodes = Nodes.start(3);
    private final PgClients pg = PgClients.open(nodes.vertx(1), Stores.freshPostgres(), 2);
    private final Context context = nodes.vertx(1).getOrCreateContext();
    private final Deque<Future<Routes>> registry = new ArrayDeque<>();
    private final List<String> pushed = new CopyOnWriteArrayList<>();
    private final Map<Integer, Set<String>> sessions = new ConcurrentHashMap<>();
    private SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private Deliveries deliveries;
    private long channel;

    DeliveriesIT() {
        nodes.bus(1).serve(Addresses.SESSION_ROUTES, query -> registry.remove());
        for (int node = 1; node <= 3; node++) {
            hear(node);
            tellAbsent(node);
        }
        for (int node = 2; node <= 3; node++) {
            Rosters rosters = new Rosters(pg);
            Arrivals arrivals = new Arrivals(nodes.bus(node), rosters, order(node), meters, () -> {});
            nodes.bus(node).serve(Addresses.MESSAGES_COMMITTED, arrivals::take);
        }
    }

    @BeforeEach
    void begin() {
        meters = new SimpleMeterRegistry();
        deliveries = new Deliveries(nodes.bus(1), order(1), meters);
        channel++;
        sessions.clear();
        pushed.clear();
    }

    @AfterAll
    void close() {
        nodes.close();
    }

    @Test
    void a_message_goes_to_the_nodes_that_hold_the_sessions_in_the_order_of_the_commits() {
        sessions.put(2, Set.of("ben"));
        sessions.put(3, Set.of());
        List<String> expected =
                IntStream.range(0, 100).mapToObj(i -> "2 ben " + i).toList();
        for (int i = 0; i < 100; i++) {
            registry.add(Future.succeededFuture(new Routes(Map.of("ben", Set.of(2L)))));
        }

        context.runOnContext(go -> IntStream.range(0, 100).forEach(this::commit));

        await().untilAsserted(() ->
                assertThat(pushed.stream().filter(it -> it.startsWith("2"))).isEqualTo(expected));
        assertThat(pushed).filteredOn(it -> it.startsWith("1")).hasSize(100);
        assertThat(pushed).noneMatch(it -> it.startsWith("3"));
    }

    @Test
    void who_has_moved_is_found_in_the_same_delivery() {
        sessions.put(2, Set.of());
        sessions.put(3, Set.of("ben"));
        registry.add(Future.succeededFuture(new Routes(Map.of("ben", Set.of(2L)))));
        registry.add(Future.succeededFuture(new Routes(Map.of("ben", Set.of(2L, 3L)))));

        context.runOnContext(go -> commit(7));

        await().untilAsserted(() -> assertThat(pushed).contains("3 ben 7"));
        assertThat(meters.counter("herald.routes.stale").count()).isEqualTo(1);
    }

    @Test
    void a_node_that_is_gone_counts_as_one_that_has_nobody() {
        sessions.put(3, Set.of("ben"));
        registry.add(Future.succeededFuture(new Routes(Map.of("ben", Set.of(99L)))));
        registry.add(Future.succeededFuture(new Routes(Map.of("ben", Set.of(3L)))));

        context.runOnContext(go -> commit(7));

        await().untilAsserted(() -> assertThat(pushed).contains("3 ben 7"));
    }

    @Test
    void without_an_answer_of_the_registry_it_goes_to_every_node() {
        registry.add(Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, "Redis is not connected")));

        context.runOnContext(go -> commit(7));

        await().untilAsserted(() -> assertThat(pushed).containsExactlyInAnyOrder("1 ben 7", "2 ben 7", "3 ben 7"));
        assertThat(meters.counter("herald.routes.unknown").count()).isEqualTo(1);
    }

    private void commit(int number) {
        Delivery delivery = new Delivery(
                number,
                number,
                "ann",
                new ChannelKey("ben", ChannelKey.PERSON),
                "no-" + number,
                Delivery.Header.PLAIN,
                0,
                0,
                "",
                0,
                Payload.EMPTY);
        ChannelMessage message = new ChannelMessage(
                channel,
                1,
                ChannelKey.conversation("ann", "ben"),
                delivery,
                SocketMessage.NO_SESSION,
                Set.of("ben"),
                true,
                false);
        deliveries.add(message, message.uids());
        deliveries.flush();
    }

    private void hear(int node) {
        nodes.bus(node).serve(Addresses.SOCKETS_PUSH, pushes -> {
            for (Push push : pushes.list()) {
                push.uids()
                        .forEach(uid -> pushed.add(
                                node + " " + uid + " " + push.delivery().messageId()));
            }
            return Future.succeededFuture(Done.DONE);
        });
    }

    private void tellAbsent(int node) {
        nodes.bus(node).serve(Addresses.SOCKETS_ABSENT, asked -> {
            Set<String> absent = new HashSet<>(asked.uids());
            absent.removeAll(sessions.getOrDefault(node, Set.of()));
            return Future.succeededFuture(new Absent(absent));
        });
    }

    private Sequencer<Push> order(int node) {
        return new Sequencer<>(
                new Pushing(nodes.bus(node), new MessageLog(pg), meters, () -> {}), System::currentTimeMillis, 1_000);
    }
}
