package dev.herald.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.bus.message.PresenceMessage.EndReason;
import dev.herald.bus.message.SocketMessage.CloseSessions;
import dev.herald.device.Standing;
import dev.herald.model.Reason;
import dev.herald.wire.Frame;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same connections over plain TCP: what differs is only how bytes come and how a connection ends. */
@ExtendWith(VertxExtension.class)
@Timeout(120)
class TcpTest {
    private static final int SENDS = 3;

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5})
    void serves_every_binary_version(int version, Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TcpClient client = node.tcp(version).login("u1");
        client.send(TestClient.message(1, "g1", 2));
        client.send(new Frame.Ping());
        assertThat(client.next(1, Frame.class)).isInstanceOfAny(Frame.SendAck.class, Frame.Pong.class);
        client.next(2, Frame.class);
        assertThat(node.peers.sends).hasSize(1);
    }

    @Test
    void serves_a_bare_stream_of_json(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TcpClient client = node.tcpJson().login("u1");
        client.send(TestClient.message(1, "g1", 2));
        assertThat(client.next(1, Frame.SendAck.class).reasonCode()).isEqualTo(Reason.SUCCESS.code());
    }

    @Test
    void replays_commands_as_over_a_websocket(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        node.peers.append(1);
        node.peers.append(2);
        TcpClient client = node.tcp(4).login("u1");
        assertThat(client.next(1, Frame.Recv.class).messageSeq()).isEqualTo(1);
        assertThat(client.next(2, Frame.Recv.class).messageSeq()).isEqualTo(2);
    }

    @Test
    void takes_a_stream_that_is_cut_at_every_byte(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        int rounds = 0;
        for (TcpClient client : List.of(
                node.tcp(5).login("u1"), node.tcp(2).login("u2"), node.tcpJson().login("u3"))) {
            byte[] stream = stream(client);
            for (int cut = 1; cut < stream.length; cut++, rounds++) {
                client.raw(Arrays.copyOfRange(stream, 0, cut));
                settle(vertx);
                client.raw(Arrays.copyOfRange(stream, cut, stream.length));
            }
            client.next(SENDS * (stream.length - 1), Frame.SendAck.class);
        }
        assertThat(node.peers.sends).hasSize(SENDS * rounds);
        assertThat(node.peers.sends.stream().map(SendMessage::clientMsgNo).limit(SENDS))
                .containsExactly("c1", "c2", "c3");
    }

    @Test
    void takes_a_connect_byte_by_byte(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        for (TcpClient client : List.of(node.tcp(5), node.tcpJson())) {
            for (byte b : client.encode(client.connectFrame("u1"))) {
                client.raw(new byte[] {b});
                settle(vertx);
            }
            assertThat(client.next(0, Frame.ConnAck.class).reasonCode()).isEqualTo(Reason.SUCCESS.code());
        }
    }

    @Test
    void answers_a_refusal_and_closes_however_much_came_after_the_connect(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        node.register = (uid, flag) -> Future.succeededFuture(new Standing(null, true, null));
        TcpClient binary = node.tcp(5);
        ByteArrayOutputStream eager = new ByteArrayOutputStream();
        eager.writeBytes(binary.encode(binary.connectFrame("u1")));
        eager.writeBytes(new byte[200_000]);
        binary.raw(eager.toByteArray());
        assertThat(binary.next(0, Frame.ConnAck.class).reasonCode()).isEqualTo(Reason.BAN.code());
        binary.awaitClosed();

        TcpClient json = node.tcpJson();
        json.send(json.connectFrame("u1"));
        assertThat(json.next(0, Frame.BadRequest.class).text()).contains("banned");
        json.awaitClosed();
    }

    @Test
    void closes_without_an_answer_what_cannot_be_checked(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        node.register = (uid, flag) -> Future.failedFuture("down");
        TcpClient client = node.tcp(5);
        client.send(client.connectFrame("u1"));
        client.awaitClosed();
        assertThat(client.received).isEmpty();
    }

    @Test
    void kicks_with_a_disconnect_and_closes(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TcpClient client = node.tcp(4).login("u1");
        long id = node.peers.opened.getFirst().session().id();
        node.bus.publish(Addresses.SOCKETS_CLOSE, new CloseSessions(List.of(id), false, "kicked"));
        assertThat(client.next(1, Frame.Disconnect.class)).isEqualTo(new Frame.Disconnect(12, "kicked"));
        client.awaitClosed();
    }

    @Test
    void cuts_a_kicked_client_that_stays(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TcpClient client = node.tcp(4).login("u1");
        client.socket.pause();
        long id = node.peers.opened.getFirst().session().id();
        node.bus.publish(Addresses.SOCKETS_CLOSE, new CloseSessions(List.of(id), false, "kicked"));
        NodeCounts counts = NodeCounts.of(vertx);
        await().until(() -> counts.connect(1));
        counts.disconnect();
        client.socket.resume();
    }

    @Test
    void closes_garbage_and_what_says_nothing(Vertx vertx) {
        SocketNode node = new SocketNode(vertx, "ws.handshake-timeout", "PT0.2S", "ws.idle-timeout", "PT1S");
        TcpClient silent = node.tcp(5);
        TcpClient garbage = node.tcp(5);
        garbage.raw("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        garbage.awaitClosed();
        silent.awaitClosed();

        TcpClient idle = node.tcp(5).login("u1");
        idle.awaitClosed();
        await().untilAsserted(
                        () -> assertThat(node.peers.ended).singleElement().satisfies(end -> assertThat(end.reason())
                                .isEqualTo(EndReason.TIMEOUT)));
    }

    @Test
    void shares_the_places_of_the_node_with_the_websockets(Vertx vertx) {
        SocketNode node = new SocketNode(vertx, "ws.max-connections", "2");
        node.binary(5).login("u1");
        TcpClient second = node.tcp(5).login("u2");
        node.tcp(5).awaitClosed();
        second.socket.close();
        await().untilAsserted(() -> assertThat(node.peers.ended).hasSize(1));
        node.tcp(5).login("u3");
    }

    @Test
    void tells_the_end_of_every_client_when_it_drains(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TcpClient client = node.tcp(5).login("u1");
        SocketNode.await(node.stop());
        client.awaitClosed();
        await().untilAsserted(
                        () -> assertThat(node.peers.ended).singleElement().satisfies(end -> assertThat(end.reason())
                                .isEqualTo(EndReason.DRAINED)));
    }

    @Test
    void reads_the_proxy_protocol_where_it_is_asked_for_and_takes_nothing_else(Vertx vertx) {
        SocketNode node = new SocketNode(vertx, "client.proxy-protocol", "true", "ws.handshake-timeout", "PT1S");
        TcpClient behind = node.tcp(5);
        behind.raw("PROXY TCP4 192.0.2.7 192.0.2.1 40000 5100\r\n".getBytes(StandardCharsets.US_ASCII));
        behind.login("u1");
        TcpClient around = node.tcp(5);
        around.send(around.connectFrame("u2"));
        around.awaitClosed();
        assertThat(around.received).isEmpty();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void lets_the_system_ask_a_silent_peer_for_a_sign_of_life(Vertx vertx) throws IOException {
        SocketNode node = new SocketNode(vertx, "ws.ping-after", "PT20S");
        node.tcp(5).login("u1");
        String ours = ":%04X ".formatted(node.tcpPort);
        List<String> lines = new ArrayList<>(Files.readAllLines(Path.of("/proc/net/tcp")));
        lines.addAll(Files.readAllLines(Path.of("/proc/net/tcp6")));
        String timer = lines.stream()
                .map(line -> line.strip().split(" +"))
                .filter(columns -> (columns[1] + " ").endsWith(ours) && columns[3].equals("01"))
                .map(columns -> columns[5])
                .findFirst()
                .orElseThrow();
        // "02:" is a keep-alive timer, and its rest in hundredths of a second; the system's own wait is two hours.
        assertThat(timer).startsWith("02:");
        assertThat(Integer.parseInt(timer.substring(3), 16)).isBetween(1, 2_100);
    }

    /** Gives the server time to read what was written before more is. */
    private static void settle(Vertx vertx) {
        SocketNode.await(vertx.timer(1, TimeUnit.MILLISECONDS));
    }

    private static byte[] stream(TcpClient client) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        LongStream.rangeClosed(1, SENDS)
                .forEach(seq -> stream.writeBytes(client.encode(TestClient.message(seq, "g1", 2))));
        return stream.toByteArray();
    }
}
