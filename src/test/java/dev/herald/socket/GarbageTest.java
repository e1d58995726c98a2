package dev.herald.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.failure.Failure;
import dev.herald.wire.Frame;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.junit5.VertxExtension;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Hostile bytes at live sockets: whoever sends them is closed with a reason, and nobody else notices. */
@Timeout(120)
@ExtendWith(VertxExtension.class)
class GarbageTest {
    private static final int MAX_FRAME = 65_536;
    private static final int ROUNDS = 150;

    /** Each is the beginning of a stream. */
    static Stream<byte[]> whatNoClientMaySend() {
        return Stream.of(
                // A PUBLISH-like SEND whose length says 256 MB, and nothing behind it.
                bytes(0x30, 0xff, 0xff, 0xff, 0x7f),
                // A length that never ends.
                bytes(0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
                // A CONNECT that ends in the middle of its fields.
                bytes(0x10, 0x03, 0x05, 0x01, 0x00),
                // A text that is longer than the frame that holds it.
                bytes(0x10, 0x06, 0x05, 0x01, 0xff, 0xff, 0x61, 0x61),
                // A SEND before CONNECT.
                bytes(0x30, 0x02, 0x00, 0x00),
                // Types that there are none of.
                bytes(0xf0, 0x00),
                bytes(0x00, 0x00),
                text("{\"method\":\"connect\",\"params\":\u0000}"),
                text("{\"method\":\"connect\",\"id\":1,\"params\":{\"uid\":{\"uid\":[]},\"token\":7}}"),
                text("{\"method\":\"send\",\"id\":\"1\",\"params\":{}}"),
                text("{\"a\":".repeat(5_000)),
                text("{} trailing"),
                text("{\"method\":\"connect\",\"id\":\"1\",\"params\":{\"uid\":\"" + "u".repeat(2 * MAX_FRAME)),
                new byte[] {'{', '"', (byte) 0xc3, (byte) 0x28, '"', ':', '1', '}'});
    }

    @ParameterizedTest
    @MethodSource("whatNoClientMaySend")
    void is_closed_with_a_reason_over_websocket_and_closed_over_tcp(byte[] garbage, Vertx vertx) {
        SocketNode node = node(vertx);
        TestClient webSocket = node.binary(5);
        TcpClient tcp = node.tcp(5);

        webSocket.socket.writeBinaryMessage(Buffer.buffer(garbage));
        tcp.socket.write(Buffer.buffer(garbage));

        assertThat(webSocket.closeCode()).isEqualTo(Failure.INVALID.closeCode());
        assertThat(webSocket.socket.closeReason()).isNotBlank();
        tcp.awaitClosed();
        assertThat(node.metric("herald.sessions")).isZero();
    }

    /** A frame of the greatest length, of which a little more comes than a CONNECT may have. */
    @Test
    void who_has_not_logged_in_cannot_make_the_server_hold_a_large_frame(Vertx vertx) {
        SocketNode node = node(vertx);
        byte[] head = bytes(0x10, 0xf0, 0xff, 0x03);
        byte[] body = new byte[Intake.LITTLE];
        TcpClient tcp = node.tcp(5);
        tcp.raw(head);
        tcp.raw(body);
        tcp.awaitClosed();

        RawSocket webSocket = new RawSocket(node);
        webSocket.write(Arrays.copyOf(RawSocket.frame(RawSocket.BINARY, new byte[MAX_FRAME - 1]), Intake.LITTLE + 200));
        await().untilAsserted(() -> assertThat(webSocket.opcodes()).containsExactly(RawSocket.CLOSE));
        assertThat(node.metric("herald.intake.bytes")).isZero();
    }

    @Test
    void what_one_client_holds_ends_with_it(Vertx vertx) {
        SocketNode node = node(vertx);
        TcpClient tcp = node.tcp(5).login("u1");
        tcp.raw(bytes(0x30, 0xf0, 0xff, 0x03));
        tcp.raw(new byte[Intake.LITTLE]);
        await().until(() -> node.metric("herald.intake.bytes") > Intake.LITTLE);
        tcp.socket.close();
        await().until(() -> node.metric("herald.intake.bytes") == 0);
    }

    @Test
    void random_bytes_and_broken_streams_disturb_nobody_else(Vertx vertx) {
        SocketNode node = node(vertx);
        TestClient good = node.binary(5).login("good");
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<TestClient> bad = new ArrayList<>();
        List<TcpClient> badTcp = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            TestClient webSocket = round % 3 == 0 ? node.json() : node.binary(2 + random.nextInt(4));
            boolean known = random.nextBoolean();
            if (known) {
                webSocket.login("u" + round);
            }
            byte[] bytes = known ? hostile(random, webSocket) : random(random, 1 + random.nextInt(4_000));
            webSocket.socket.writeBinaryMessage(Buffer.buffer(bytes));
            bad.add(webSocket);
            TcpClient tcp = node.tcp(5);
            tcp.socket.write(Buffer.buffer(random(random, 1 + random.nextInt(2_000))));
            badTcp.add(tcp);
            good.send(new Frame.Ping());
        }

        await().atMost(Duration.ofSeconds(30)).until(() -> good.received.size() == 1 + ROUNDS);
        assertThat(good.received.subList(1, 1 + ROUNDS)).as("seed %d", seed).allMatch(Frame.Pong.class::isInstance);
        bad.forEach(client -> client.socket.close());
        badTcp.forEach(client -> client.socket.close());
        assertThat(bad).as("seed %d", seed).allSatisfy(client -> assertThat(client.closeCode())
                .isNotEqualTo((short) Failure.INTERNAL.closeCode()));
        await().atMost(Duration.ofSeconds(30)).until(() -> node.metric("herald.sessions") == 1);
        assertThat(node.metric("herald.outbox.bytes")).isZero();
        assertThat(good.isClosed()).isFalse();
    }

    private static SocketNode node(Vertx vertx) {
        return new SocketNode(vertx, "ws.max-frame-bytes", Integer.toString(MAX_FRAME));
    }

    /** Random bytes, or what a client sends with some of it changed, left out or doubled. */
    private static byte[] hostile(Random random, TestClient client) {
        if (random.nextInt(3) == 0) {
            return random(random, 1 + random.nextInt(4_000));
        }
        Buffer stream = Buffer.buffer();
        for (int i = 0; i < 5; i++) {
            stream.appendBytes(client.encode(TestClient.message(i, "g1", 2)));
        }
        byte[] bytes = stream.getBytes();
        for (int i = random.nextInt(20); i >= 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        int from = random.nextInt(bytes.length);
        return Arrays.copyOfRange(bytes, random.nextBoolean() ? 0 : from, from + random.nextInt(bytes.length));
    }

    private static byte[] random(Random random, int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
