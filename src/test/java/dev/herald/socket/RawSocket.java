package dev.herald.socket;

import static org.awaitility.Awaitility.await;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** A WebSocket client on bare TCP: it decides where each write ends, and takes the server's frames apart itself. */
final class RawSocket {
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    private static final byte[] MASK = {0x11, 0x22, 0x33, 0x44};

    /** A client that nothing refers to is closed, and its sockets with it. */
    private final NetClient client;

    private final NetSocket socket;
    private volatile Buffer received = Buffer.buffer();

    RawSocket(SocketNode node) {
        NetClientOptions options = new NetClientOptions().setTcpNoDelay(true);
        client = node.vertx.createNetClient(options);
        socket = SocketNode.await(client.connect(node.port, "127.0.0.1"));
        socket.handler(data -> received = received.copy().appendBuffer(data));
        write(("GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        await().pollInterval(Duration.ofMillis(2)).until(() -> head(received) > 0);
    }

    /** One masked frame, as browsers send it. */
    static byte[] frame(int opcode, byte[] payload) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0x80 | opcode);
        if (payload.length < 126) {
            out.write(0x80 | payload.length);
        } else {
            out.write(0x80 | 126);
            out.write(payload.length >> 8);
            out.write(payload.length);
        }
        out.writeBytes(MASK);
        for (int i = 0; i < payload.length; i++) {
            out.write(payload[i] ^ MASK[i % MASK.length]);
        }
        return out.toByteArray();
    }

    /** Each write is flushed on its own; the wait between them is what makes them reads of their own. */
    void write(byte[] bytes) {
        SocketNode.await(socket.write(Buffer.buffer(bytes)));
    }

    /** The payloads of the frames that have come whole. */
    List<byte[]> frames() {
        List<byte[]> frames = new ArrayList<>();
        read((opcode, payload) -> frames.add(payload));
        return frames;
    }

    /** What these frames are, in their order. */
    List<Integer> opcodes() {
        List<Integer> opcodes = new ArrayList<>();
        read((opcode, payload) -> opcodes.add(opcode));
        return opcodes;
    }

    private void read(BiConsumer<Integer, byte[]> frames) {
        Buffer all = received;
        int at = head(all);
        while (at + 4 <= all.length()) {
            int length = all.getUnsignedByte(at + 1);
            int start = at + 2;
            if (length == 126) {
                length = all.getUnsignedShort(start);
                start += 2;
            }
            if (start + length > all.length()) {
                break;
            }
            frames.accept(all.getUnsignedByte(at) & 0x0f, all.getBytes(start, start + length));
            at = start + length;
        }
    }

    /** Where the answer to the upgrade ends. */
    private static int head(Buffer all) {
        int end = all.toString(StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n");
        return end < 0 ? 0 : end + 4;
    }
}
