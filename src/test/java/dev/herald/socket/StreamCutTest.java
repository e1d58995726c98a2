package dev.herald.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.model.Reason;
import dev.herald.wire.Frame;
import dev.herald.wire.binary.ClientCodec;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.junit5.VertxExtension;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** However a client's bytes are cut, each SEND is taken once and in order. */
@ExtendWith(VertxExtension.class)
@Timeout(120)
class StreamCutTest {
    private static final int SENDS = 5;

    @Test
    void takes_a_stream_in_websocket_frames_of_one_byte(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        for (TestClient client : List.of(node.binary(5).login("u1"), node.json().login("u1"))) {
            for (byte b : stream(client)) {
                client.raw(new byte[] {b});
            }
            client.next(SENDS, Frame.SendAck.class);
        }
        assertSends(node, 2);
    }

    @Test
    void takes_a_connect_in_websocket_frames_of_one_byte(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        for (TestClient client : List.of(node.binary(5), node.json())) {
            for (byte b : client.encode(client.connectFrame("u1"))) {
                client.raw(new byte[] {b});
            }
            assertThat(client.next(0, Frame.ConnAck.class).reasonCode()).isEqualTo(Reason.SUCCESS.code());
        }
    }

    @Test
    void takes_many_frames_in_one_message_and_one_frame_in_many_fragments(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TestClient client = node.binary(5).login("u1");
        byte[] stream = stream(client);
        client.raw(stream);
        client.next(SENDS, Frame.SendAck.class);
        client.socket.writeFrame(
                WebSocketFrame.binaryFrame(Buffer.buffer(stream).slice(0, 7), false));
        client.socket.writeFrame(
                WebSocketFrame.continuationFrame(Buffer.buffer(stream).slice(7, 50), false));
        client.socket.writeFrame(
                WebSocketFrame.continuationFrame(Buffer.buffer(stream).slice(50, stream.length), true));
        client.next(2 * SENDS, Frame.SendAck.class);
        assertSends(node, 2);
    }

    @Test
    void takes_the_binary_protocol_in_text_messages(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        ClientCodec codec = new ClientCodec(5);
        RawSocket socket = new RawSocket(node);
        login(socket, codec, RawSocket.TEXT);
        for (byte[] send : sends(codec::encode)) {
            socket.write(RawSocket.frame(RawSocket.TEXT, send));
        }
        await().until(() -> socket.frames().size() == 1 + SENDS);
        assertSends(node, 1);
    }

    @Test
    void takes_reads_that_end_at_every_byte(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        ClientCodec codec = new ClientCodec(5);
        RawSocket socket = new RawSocket(node);
        login(socket, codec, RawSocket.BINARY);
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        sends(codec::encode).forEach(send -> stream.writeBytes(RawSocket.frame(RawSocket.BINARY, send)));
        byte[] bytes = stream.toByteArray();
        for (int cut = 1; cut < bytes.length; cut++) {
            socket.write(Arrays.copyOfRange(bytes, 0, cut));
            settle(vertx);
            socket.write(Arrays.copyOfRange(bytes, cut, bytes.length));
        }
        int rounds = bytes.length - 1;
        await().until(() -> socket.frames().size() == 1 + SENDS * rounds);
        assertSends(node, rounds);
    }

    @Test
    void takes_reads_of_one_byte(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        ClientCodec codec = new ClientCodec(5);
        RawSocket socket = new RawSocket(node);
        login(socket, codec, RawSocket.BINARY);
        for (byte[] send : sends(codec::encode)) {
            for (byte b : RawSocket.frame(RawSocket.BINARY, send)) {
                socket.write(new byte[] {b});
                settle(vertx);
            }
        }
        await().until(() -> socket.frames().size() == 1 + SENDS);
        assertSends(node, 1);
    }

    private static void login(RawSocket socket, ClientCodec codec, int opcode) {
        socket.write(RawSocket.frame(opcode, codec.encode(codec.connect(1, "d", "u1", "t", 1))));
        await().until(() -> socket.frames().size() == 1);
        assertThat(codec.decode(socket.frames().getFirst()))
                .isInstanceOfSatisfying(
                        Frame.ConnAck.class, ack -> assertThat(ack.reasonCode()).isEqualTo(Reason.SUCCESS.code()));
    }

    /** Gives the server time to read what was written before more is. */
    private static void settle(Vertx vertx) {
        SocketNode.await(vertx.timer(1, TimeUnit.MILLISECONDS));
    }

    private static List<byte[]> sends(Function<Frame, byte[]> encoder) {
        return LongStream.rangeClosed(1, SENDS)
                .mapToObj(seq -> encoder.apply(TestClient.message(seq, "g1", 2)))
                .toList();
    }

    private static byte[] stream(TestClient client) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        sends(client::encode).forEach(stream::writeBytes);
        return stream.toByteArray();
    }

    private static void assertSends(SocketNode node, int rounds) {
        List<String> once =
                LongStream.rangeClosed(1, SENDS).mapToObj(seq -> "c" + seq).toList();
        assertThat(node.peers.sends.stream().map(SendMessage::clientMsgNo))
                .containsExactlyElementsOf(Collections.nCopies(rounds, once).stream()
                        .flatMap(List::stream)
                        .toList());
    }
}
