package dev.herald.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.message.BusMessage;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.OpsMessage.HealthQuery;
import dev.herald.bus.message.PresenceMessage.KickDevice;
import dev.herald.bus.message.SocketMessage;
import dev.herald.bus.message.SocketMessage.CloseSessions;
import dev.herald.bus.message.SocketMessage.Push;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.it.Nodes;
import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import dev.herald.model.Payload;
import io.vertx.core.Future;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two nodes in one process, joined over loopback. */
@Timeout(60)
class BusIT {
    @RegisterExtension
    static final Nodes NODES = Nodes.of(2);

    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void a_message_reaches_every_consumer_of_one_node_in_order_and_nobody_elsewhere() {
        Address<CloseSessions, Done> address = new Address<>("a.closes", Scope.NODE, SECOND);
        List<Long> first = heard(1, address);
        List<Long> second = heard(2, address);
        List<Long> secondToo = heard(2, address);
        List<Long> sent = LongStream.range(0, 500).boxed().toList();

        sent.forEach(id -> NODES.bus(1).toNode(2, address, new CloseSessions(List.of(id), true, "")));

        await().untilAsserted(() -> assertThat(second).isEqualTo(sent));
        await().untilAsserted(() -> assertThat(secondToo).isEqualTo(sent));
        assertThat(first).isEmpty();
    }

    @Test
    void what_is_published_to_the_cluster_reaches_every_node_once() {
        Address<CloseSessions, Done> address = new Address<>("b.closes", Scope.CLUSTER, SECOND);
        List<Long> first = heard(1, address);
        List<Long> second = heard(2, address);
        List<Long> sent = LongStream.range(0, 100).boxed().toList();

        sent.forEach(id -> NODES.bus(2).publish(address, new CloseSessions(List.of(id), true, "")));

        await().untilAsserted(() -> assertThat(first).isEqualTo(sent));
        await().untilAsserted(() -> assertThat(second).isEqualTo(sent));
    }

    @Test
    void a_message_arrives_as_it_was_sent() {
        Address<Push, Done> address = new Address<>("c.push", Scope.NODE, SECOND);
        List<SocketMessage> heard = new CopyOnWriteArrayList<>();
        NODES.bus(2).serve(address, push -> {
            heard.add(push);
            return Future.succeededFuture(Done.DONE);
        });
        Delivery delivery = new Delivery(
                Long.MAX_VALUE,
                7,
                "ann",
                ChannelKey.group("g 1"),
                "no-1",
                Delivery.Header.COMMAND,
                8,
                60,
                "topic",
                1_700_000_000,
                Payload.of("héllo"));
        Push push = new Push(Set.of("ann", "ben"), delivery, -1);

        NODES.bus(1).toNode(2, address, push);

        await().untilAsserted(() -> assertThat(heard).containsExactly(push));
    }

    @Test
    void a_question_to_a_node_is_answered_there_and_its_failure_comes_back_as_a_code() {
        Address<CloseSessions, Done> address = new Address<>("d.closes", Scope.NODE, SECOND);
        NODES.bus(2)
                .serve(
                        address,
                        close -> close.silent()
                                ? Future.succeededFuture(Done.DONE)
                                : Future.failedFuture(HeraldException.invalid("silent", "must be")));

        assertThat(ask(2, address, new CloseSessions(List.of(), true, ""))).isEqualTo(Done.DONE);
        assertThatThrownBy(() -> ask(2, address, new CloseSessions(List.of(), false, "")))
                .hasCause(HeraldException.invalid("silent", "must be"));
        assertThatThrownBy(() -> ask(1, address, new CloseSessions(List.of(), true, "")))
                .satisfies(thrown ->
                        assertThat(HeraldException.failureOf(thrown.getCause())).isEqualTo(Failure.UNAVAILABLE));
        assertThatThrownBy(() -> ask(99, address, new CloseSessions(List.of(), true, "")))
                .satisfies(thrown ->
                        assertThat(HeraldException.failureOf(thrown.getCause())).isEqualTo(Failure.NOT_FOUND));
    }

    @Test
    void what_is_local_cannot_be_reached_from_another_node() {
        Address<KickDevice, Done> here = new Address<>("e.kick", Scope.LOCAL, SECOND);
        Address<KickDevice, Done> there = new Address<>("e.kick", Scope.NODE, SECOND);
        List<KickDevice> heard = new CopyOnWriteArrayList<>();
        NODES.bus(2).serve(here, kick -> {
            heard.add(kick);
            return Future.succeededFuture(Done.DONE);
        });

        assertThatThrownBy(() -> ask(2, there, new KickDevice("ann", -1, "")))
                .satisfies(thrown ->
                        assertThat(HeraldException.failureOf(thrown.getCause())).isEqualTo(Failure.INVALID));
        NODES.vertx(1)
                .eventBus()
                .publish("e.kick", new KickDevice("ann", -1, ""), new DeliveryOptions().setCodecName(BusCodec.NAME));
        NODES.bus(2).tell(here, new KickDevice("ben", -1, ""));

        await().untilAsserted(() -> assertThat(heard).containsExactly(new KickDevice("ben", -1, "")));
    }

    @Test
    void what_is_no_message_of_ours_is_refused() {
        Address<HealthQuery, Done> address = new Address<>("f.health", Scope.NODE, SECOND);
        List<Object> heard = new CopyOnWriteArrayList<>();
        NODES.bus(2).serve(address, query -> {
            heard.add(query);
            return Future.succeededFuture(Done.DONE);
        });

        assertThatThrownBy(() -> now(NODES.vertx(1)
                        .eventBus()
                        .request(Gate.of(2), new JsonObject(), new DeliveryOptions().addHeader("address", "f.health"))))
                .hasMessageContaining("unknown");
        assertThat(ask(2, address, new HealthQuery())).isEqualTo(Done.DONE);
        assertThat(heard).containsExactly(new HealthQuery());
    }

    private static <Q extends BusMessage> Done ask(int node, Address<Q, Done> address, Q body) {
        return now(NODES.bus(1).request(node, address, body));
    }

    private static <T> T now(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(40, TimeUnit.SECONDS)
                .join();
    }

    private static List<Long> heard(int node, Address<CloseSessions, Done> address) {
        List<Long> heard = new CopyOnWriteArrayList<>();
        NODES.bus(node).serve(address, close -> {
            heard.addAll(close.ids());
            return Future.succeededFuture(Done.DONE);
        });
        return heard;
    }
}
