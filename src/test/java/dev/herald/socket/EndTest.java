package dev.herald.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.message.PresenceMessage.EndReason;
import dev.herald.bus.message.PresenceMessage.EndSession;
import dev.herald.bus.message.PresenceMessage.SessionOpened;
import dev.herald.bus.message.SocketMessage.CloseSessions;
import dev.herald.wire.Frame;
import dev.herald.wire.binary.ClientCodec;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@Timeout(120)
class EndTest {

    @Test
    void tells_once_that_a_client_has_left(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TestClient client = node.binary(5).login("u1");
        client.socket.close();
        assertEnds(node, EndReason.CLOSE);
    }

    @Test
    void kicks_with_a_disconnect_and_tells_nothing(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TestClient kicked = node.binary(5).login("u1");
        TestClient other = node.json().login("u1");
        TestClient lost = node.json().login("u1");
        close(node, 0, false, "kicked");
        assertThat(kicked.next(1, Frame.Disconnect.class)).isEqualTo(new Frame.Disconnect(12, "kicked"));
        assertThat(kicked.closeCode()).isEqualTo(1000);
        close(node, 1, true, "");
        assertThat(other.closeCode()).isEqualTo(1000);
        close(node, 2, true, "connect again");
        assertThat(lost.closeCode()).isEqualTo(1012);
        assertThat(List.of(other, lost))
                .allSatisfy(client -> assertThat(client.received).hasSize(1));
        await().during(Duration.ofMillis(300)).until(() -> node.peers.ended.isEmpty());
    }

    @Test
    void accepts_nothing_after_a_kick(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TestClient client = node.binary(5).login("u1");
        for (int i = 0; i < 50; i++) {
            client.send(TestClient.message(i, "g1", 2));
        }
        close(node, 0, false, "kicked");
        for (int i = 50; i < 100 && !client.isClosed(); i++) {
            client.socket.writeBinaryMessage(Buffer.buffer(client.encode(TestClient.message(i, "g1", 2))));
        }
        client.closeCode();
        assertThat(client.received.getLast()).isInstanceOf(Frame.Disconnect.class);
    }

    @Test
    void kicks_a_session_that_is_still_being_opened(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        Promise<SessionOpened> answer = node.peers.holdOpenings();
        TestClient client = node.binary(5);
        client.send(client.connectFrame("u1"));
        await().until(() -> !node.peers.opened.isEmpty());
        close(node, 0, false, "kicked");
        client.next(0, Frame.Disconnect.class);
        assertThat(client.closeCode()).isEqualTo(1000);
        answer.complete(new SessionOpened(1));
        await().during(Duration.ofMillis(200)).until(() -> node.peers.ended.isEmpty());
    }

    @Test
    void closes_a_client_that_sends_nothing_and_keeps_one_that_pings(Vertx vertx) {
        SocketNode node = new SocketNode(vertx, "ws.idle-timeout", "PT2S");
        TestClient quiet = node.binary(5).login("u1");
        TestClient alive = node.binary(5).login("u2");
        await().pollInterval(Duration.ofMillis(100)).until(() -> {
            alive.send(new Frame.Ping());
            return quiet.isClosed();
        });
        assertThat(quiet.closeCode()).isEqualTo(1013);
        assertThat(alive.isClosed()).isFalse();
        assertEnds(node, EndReason.TIMEOUT);
    }

    @Test
    void ends_a_peer_that_is_gone_and_keeps_one_that_only_answers_pings(Vertx vertx) {
        SocketNode node =
                new SocketNode(vertx, "ws.idle-timeout", "PT6S", "ws.ping-after", "PT0.2S", "ws.pong-timeout", "PT2S");
        TestClient answering = node.binary(5).login("u1");
        RawSocket gone = new RawSocket(node);
        ClientCodec codec = new ClientCodec(5);
        gone.write(RawSocket.frame(RawSocket.BINARY, codec.encode(codec.connect(1, "d", "u2", "t", 1))));

        await().until(() -> !node.peers.ended.isEmpty());
        assertThat(node.peers.ended).containsExactly(new EndSession(idOf(node, "u2"), "u2", EndReason.TIMEOUT));
        assertThat(gone.opcodes()).contains(RawSocket.PING);
        assertThat(node.metric("herald.timeouts")).isEqualTo(1);
        await().during(Duration.ofSeconds(2)).until(() -> !answering.isClosed());
    }

    @Test
    void keeps_a_slow_reader_whose_ping_waits_behind_what_it_is_sent(Vertx vertx) {
        SocketNode node = new SocketNode(
                vertx, "ws.ping-after", "PT0.2S", "ws.pong-timeout", "PT1.5S", "ws.max-outbox-bytes", "70000000");
        TestClient slow = node.binary(5).login("u1");
        slow.socket.pause();
        for (int i = 0; i < 2_500; i++) {
            node.push("u1", 20_000);
        }
        await().during(Duration.ofSeconds(4)).until(() -> {
            slow.socket.fetch(40);
            return !slow.isClosed() && node.peers.ended.isEmpty();
        });
        assertThat(node.metric("herald.outbox.bytes")).isPositive();
        slow.socket.resume();
    }

    @Test
    void closes_only_the_connection_that_sends_garbage(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TestClient good = node.binary(5).login("u1");
        TestClient garbage = node.binary(5).login("u2");
        TestClient stranger = node.binary(5);
        garbage.raw(new byte[] {0, 1, 2, 3});
        stranger.raw(new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff});
        assertThat(garbage.closeCode()).isEqualTo(4400);
        assertThat(garbage.socket.closeReason()).isNotBlank();
        assertThat(stranger.closeCode()).isEqualTo(4400);
        good.send(new Frame.Ping());
        good.next(1, Frame.Pong.class);
        assertEnds(node, EndReason.CLOSE);
    }

    @Test
    void closes_only_the_connection_whose_websocket_frame_is_too_long(Vertx vertx) {
        SocketNode node = new SocketNode(vertx, "ws.max-frame-bytes", "1000");
        TestClient good = node.binary(5).login("u1");
        TestClient greedy = node.binary(5).login("u2");
        greedy.socket.writeBinaryMessage(Buffer.buffer(new byte[2000]));
        greedy.closeCode();
        good.send(new Frame.Ping());
        good.next(1, Frame.Pong.class);
        assertEnds(node, EndReason.CLOSE);
    }

    @Test
    void closes_a_reader_that_is_too_slow_and_tells_its_end(Vertx vertx) {
        SocketNode node = new SocketNode(vertx, "ws.max-outbox-bytes", "1000000");
        TestClient slow = node.binary(5).login("u1");
        TestClient other = node.binary(5).login("u2");
        slow.socket.pause();
        await().pollInterval(Duration.ofMillis(5)).until(() -> {
            node.push("u1", 400_000);
            return !node.peers.ended.isEmpty();
        });
        assertEnds(node, EndReason.CLOSE);
        node.push("u2", 10);
        await().until(() -> other.received.size() > 1);
        // The peer that reads nothing is cut off below the WebSocket, so its place is free again.
        await().until(() -> NodeCounts.of(vertx).connect(2));
        slow.socket.resume();
    }

    @Test
    void sends_a_message_that_is_larger_than_the_whole_outbox(Vertx vertx) {
        SocketNode node = new SocketNode(vertx, "ws.max-outbox-bytes", "1000");
        TestClient client = node.binary(5).login("u1");
        node.push("u1", 5_000);
        assertThat(client.next(1, Frame.Recv.class).payload().size()).isEqualTo(5_000);
    }

    @Test
    void drains_with_a_close_that_asks_to_come_back(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        List<TestClient> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            clients.add(node.binary(5).login("u" + i));
        }
        SocketNode.await(node.stop());
        assertThat(clients).allSatisfy(client -> assertThat(client.closeCode()).isEqualTo(1012));
        await().untilAsserted(() -> assertThat(node.peers.ended).hasSize(20).allSatisfy(end -> assertThat(end.reason())
                .isEqualTo(EndReason.DRAINED)));
    }

    private static void assertEnds(SocketNode node, EndReason reason) {
        await().untilAsserted(() -> assertThat(node.peers.ended).isNotEmpty());
        await().during(Duration.ofMillis(200)).until(() -> node.peers.ended.size() == 1);
        assertThat(node.peers.ended)
                .singleElement()
                .extracting(EndSession::reason)
                .isEqualTo(reason);
    }

    private static long idOf(SocketNode node, String uid) {
        return node.peers.opened.stream()
                .map(open -> open.session())
                .filter(session -> session.uid().equals(uid))
                .findAny()
                .orElseThrow()
                .id();
    }

    private static void close(SocketNode node, int session, boolean silent, String text) {
        long id = node.peers.opened.get(session).session().id();
        node.bus.publish(Addresses.SOCKETS_CLOSE, new CloseSessions(List.of(id), silent, text));
    }
}
