package dev.herald.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.message.PresenceMessage.Activity;
import dev.herald.model.Delivery.Header;
import dev.herald.wire.Frame;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@Timeout(120)
class ActivityTest {

    @Test
    void tells_at_intervals_of_those_who_send_and_not_of_those_whose_device_is_only_alive(Vertx vertx) {
        SocketNode node = new SocketNode(vertx, "presence.active-within", "PT2S");
        TestClient writer = node.binary(5).login("writer");
        TestClient reader = node.json().login("reader");
        long before = System.currentTimeMillis();
        for (int i = 0; i < 300; i++) {
            writer.send(TestClient.message(i, "g1", 2));
        }
        reader.send(new Frame.Ping());
        reader.send(new Frame.RecvAck(Header.PLAIN, 77, 1));
        writer.next(300, Frame.SendAck.class);

        await().until(() -> !node.peers.activities.isEmpty());
        await().during(Duration.ofSeconds(2)).until(() -> node.peers.activities.size() < 30);
        assertThat(node.peers.activities)
                .allSatisfy(told -> assertThat(told.lastMs()).containsOnlyKeys("writer"));
        assertThat(last(node).lastMs().get("writer")).isBetween(before, System.currentTimeMillis());

        int told = node.peers.activities.size();
        reader.send(TestClient.message(1, "g1", 2));
        await().until(() -> node.peers.activities.size() > told);
        assertThat(last(node).lastMs()).containsOnlyKeys("reader");
    }

    @Test
    void tells_what_is_left_when_it_stops(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TestClient client = node.binary(5).login("u1");
        client.send(TestClient.message(1, "g1", 2));
        client.next(1, Frame.SendAck.class);

        SocketNode.await(node.stop());

        await().until(() -> !node.peers.activities.isEmpty());
        assertThat(last(node).lastMs()).containsOnlyKeys("u1");
    }

    private static Activity last(SocketNode node) {
        return node.peers.activities.getLast();
    }
}
