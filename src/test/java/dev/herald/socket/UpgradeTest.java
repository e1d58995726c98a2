package dev.herald.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import io.vertx.junit5.VertxExtension;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(VertxExtension.class)
@Timeout(120)
class UpgradeTest {
    private static final String ASKED =
            "Upgrade: websocket|Connection: Upgrade|Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==|";

    private volatile String answer = "";
    private volatile boolean closed;

    @ParameterizedTest
    @CsvSource({
        "GET / HTTP/1.1|Host: h, 426",
        "POST /any HTTP/1.1|Host: h|Content-Length: 5, 426",
        "GET / HTTP/1.1|Host: h|" + ASKED + "Sec-WebSocket-Version: 8, 426",
        "GET / HTTP/1.1|Host: h|Upgrade: websocket|Connection: Upgrade|Sec-WebSocket-Version: 13, 400",
        "nonsense, 400",
        "GET / HTTP/1.1|Host: 127.0.0.1|Origin: https://evil.example|" + ASKED + "Sec-WebSocket-Version: 13, 403",
        "GET / HTTP/1.1|Host: evil.example:5200|Origin: http://evil.example:5200|" + ASKED
                + "Sec-WebSocket-Version: 13, 403",
        "GET / HTTP/1.1|Host: h|Origin: null|" + ASKED + "Sec-WebSocket-Version: 13, 403",
        "GET / HTTP/1.1|Host: evil example|" + ASKED + "Sec-WebSocket-Version: 13, 403"
    })
    void any_other_request_is_refused_and_ends_the_connection(String request, int status, Vertx vertx) {
        connect(new SocketNode(vertx)).write(Buffer.buffer(request.replace("|", "\r\n") + "\r\n\r\n"));
        await().until(() -> closed);
        assertThat(answer).startsWith("HTTP/1.1 " + status);
    }

    @ParameterizedTest
    @CsvSource({
        "none, Host: h|Origin: http://localhost:8080|",
        "none, Host: [::1]:5200|",
        "token, Host: chat.example|Origin: https://evil.example|"
    })
    void pages_of_this_machine_may_ask_and_any_where_clients_prove_who_they_are(
            String auth, String headers, Vertx vertx) {
        String request = "GET / HTTP/1.1|" + headers + ASKED + "Sec-WebSocket-Version: 13|";
        connect(new SocketNode(vertx, "client.auth", auth)).write(Buffer.buffer(request.replace("|", "\r\n") + "\r\n"));
        await().until(() -> answer.contains("\r\n\r\n"));
        assertThat(answer).startsWith("HTTP/1.1 101");
    }

    @Test
    void who_asks_for_nothing_is_closed(Vertx vertx) {
        connect(new SocketNode(vertx, "ws.handshake-timeout", "PT0.2S"));
        await().until(() -> closed);
        assertThat(answer).isEmpty();
    }

    @Test
    void a_ping_is_answered_with_what_it_says(Vertx vertx) {
        RawSocket client = new RawSocket(new SocketNode(vertx));
        client.write(RawSocket.frame(RawSocket.PING, "there?".getBytes(StandardCharsets.US_ASCII)));
        await().until(() -> client.opcodes().contains(10));
        assertThat(client.frames().getFirst())
                .asString(StandardCharsets.US_ASCII)
                .isEqualTo("there?");
    }

    @Test
    void a_close_is_answered_with_its_own_code(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TestClient client = node.binary(5).login("u1");
        client.socket.close((short) 4001, "bye");
        assertThat(client.closeCode()).isEqualTo(4001);
        await().untilAsserted(() -> assertThat(node.peers.ended).hasSize(1));
    }

    @Test
    void an_unmasked_frame_is_refused(Vertx vertx) {
        RawSocket client = new RawSocket(new SocketNode(vertx));
        client.write(new byte[] {(byte) 0x82, 1, 0});
        await().until(() -> client.opcodes().contains(8));
    }

    private NetSocket connect(SocketNode node) {
        NetSocket socket = SocketNode.await(node.vertx.createNetClient().connect(node.port, "127.0.0.1"));
        socket.handler(data -> answer += data.toString(StandardCharsets.US_ASCII));
        socket.closeHandler(v -> closed = true);
        return socket;
    }
}
