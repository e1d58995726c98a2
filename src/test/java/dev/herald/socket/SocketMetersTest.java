package dev.herald.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.herald.device.Standing;
import dev.herald.model.Delivery.Header;
import dev.herald.wire.Frame;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@Timeout(120)
class SocketMetersTest {

    @Test
    void counts_the_sessions_of_all_instances_while_they_last(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TestClient first = node.binary(5).login("u1");
        node.json().login("u2");
        node.json().login("u3");
        assertThat(node.metric("herald.sessions")).isEqualTo(3);
        first.socket.close();
        await().until(() -> node.metric("herald.sessions") == 2);
    }

    @Test
    void counts_every_command_once_as_sent_and_acknowledged_and_its_repeats_apart(Vertx vertx) {
        SocketNode node = new SocketNode(vertx, "commands.redelivery-after", "PT0.2S");
        node.peers.append(1);
        node.peers.append(2);
        TestClient client = node.binary(5).login("u1");
        client.send(new Frame.RecvAck(client.next(1, Frame.Recv.class).header(), 1001, 1));
        client.send(new Frame.RecvAck(Header.PLAIN, 77, 1));
        assertThat(client.next(3, Frame.Recv.class).dup()).isTrue();
        assertThat(node.metric("herald.commands.sent")).isEqualTo(2);
        assertThat(node.metric("herald.commands.redelivered")).isPositive();
        await().until(() -> node.metric("herald.commands.acknowledged") == 1);
    }

    @Test
    void counts_refusals_by_their_reason(Vertx vertx) {
        SocketNode node = new SocketNode(vertx, "ws.max-connections", "1");
        connectInVain(node, "a@b");
        node.register = (uid, flag) -> Future.succeededFuture(new Standing(null, true, null));
        connectInVain(node, "u1");
        node.register = (uid, flag) -> Future.failedFuture("down");
        connectInVain(node, "u1");
        node.binary(5);
        assertThat(catchThrowable(() -> node.binary(5))).isNotNull();
        for (String reason : new String[] {"unauthenticated", "forbidden", "unavailable", "connections"}) {
            assertThat(node.metric("herald.connects.refused", "reason", reason))
                    .as(reason)
                    .isEqualTo(1);
        }
    }

    @Test
    void shows_what_waits_for_a_slow_reader_until_it_is_closed(Vertx vertx) {
        SocketNode node = new SocketNode(vertx, "ws.max-outbox-bytes", "1000000");
        TestClient slow = node.binary(5).login("u1");
        assertThat(node.metric("herald.outbox.bytes")).isZero();
        slow.socket.pause();
        await().pollInterval(Duration.ofMillis(5)).until(() -> {
            node.push("u1", 400_000);
            return node.metric("herald.outbox.bytes") > 0;
        });
        await().pollInterval(Duration.ofMillis(5)).until(() -> {
            node.push("u1", 400_000);
            return node.metric("herald.slow.readers") == 1;
        });
        await().until(() -> node.metric("herald.outbox.bytes") == 0 && node.metric("herald.sessions") == 0);
        slow.socket.resume();
    }

    @Test
    void takes_its_gauges_along_when_it_stops(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        SocketNode.await(node.stop());
        assertThat(node.meters.find("herald.sessions").gauge()).isNull();
        assertThat(node.meters.find("herald.commands.sent").counter()).isNotNull();
    }

    /** Returns when the connection is gone, so that its place is free. */
    private static void connectInVain(SocketNode node, String uid) {
        TestClient client = node.binary(5);
        client.send(client.connectFrame(uid));
        client.closeCode();
        NodeCounts counts = NodeCounts.of(node.vertx);
        await().until(() -> counts.connect(1));
        counts.disconnect();
    }
}
