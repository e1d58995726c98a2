package dev.herald.socket;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;

/** A client over plain TCP, which takes the server's stream apart itself. */
final class TcpClient extends FrameClient<TcpClient> {
    final NetSocket socket;

    /** A client that nothing refers to is closed, and its sockets with it. */
    private final NetClient client;

    private Buffer unread = Buffer.buffer();

    TcpClient(SocketNode node, Dialect dialect) {
        super(dialect);
        client = node.vertx.createNetClient(new NetClientOptions().setTcpNoDelay(true));
        socket = SocketNode.await(client.connect(node.tcpPort, "127.0.0.1").onSuccess(live -> {
            live.handler(this::take);
            live.closeHandler(v -> gone());
        }));
    }

    @Override
    void raw(byte[] bytes) {
        SocketNode.await(socket.write(Buffer.buffer(bytes)));
    }

    private void take(Buffer bytes) {
        unread.appendBuffer(bytes);
        for (int next = nextLength(); next > 0; next = nextLength()) {
            take(unread.getBytes(0, next));
            unread = unread.getBuffer(next, unread.length());
        }
    }

    private int nextLength() {
        return isText() ? objectLength(unread) : frameLength(unread);
    }

    /** Of the frame that it begins with; 0 if that is not whole. */
    private static int frameLength(Buffer stream) {
        if (stream.length() > 0 && stream.getUnsignedByte(0) >> 4 == 8) {
            return 1;
        }
        int body = 0;
        for (int at = 1; at < stream.length(); at++) {
            body |= (stream.getByte(at) & 0x7f) << (7 * (at - 1));
            if (stream.getByte(at) >= 0) {
                return stream.length() >= at + 1 + body ? at + 1 + body : 0;
            }
        }
        return 0;
    }

    private static int objectLength(Buffer stream) {
        int depth = 0;
        boolean quoted = false;
        for (int at = 0; at < stream.length(); at++) {
            char c = (char) stream.getByte(at);
            quoted ^= c == '"' && stream.getByte(at - 1) != '\\';
            depth += quoted || (c != '{' && c != '}') ? 0 : c == '{' ? 1 : -1;
            if (depth == 0) {
                return at + 1;
            }
        }
        return 0;
    }
}
