package dev.herald.socket;

import io.netty.channel.ChannelFuture;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.internal.http.WebSocketInternal;
import io.vertx.core.net.SocketAddress;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A WebSocket: each message is one of its own, however the client cuts those that it sends. */
record WebSocketTransport(ServerWebSocket socket) implements Transport {
    private static final Logger log = LoggerFactory.getLogger(WebSocketTransport.class);
    private static final byte[] NOTHING = {};

    @Override
    public void listen(Consumer<byte[]> received, Consumer<String> broken, Runnable gone) {
        socket.frameHandler(frame -> received.accept(bytesOf(frame)));
        socket.exceptionHandler(cause -> broken.accept(String.valueOf(cause.getMessage())));
        socket.closeHandler(v -> gone.run());
    }

    @Override
    public Future<Void> write(byte[] message, boolean text) {
        Buffer bytes = Buffer.buffer(message);
        return text ? socket.writeTextMessage(bytes.toString()) : socket.writeBinaryMessage(bytes);
    }

    @Override
    public boolean pings() {
        return true;
    }

    @Override
    public void ping() {
        socket.writePing(Buffer.buffer()).onFailure(cause -> log.debug("ping failed: {}", cause.getMessage()));
    }

    @Override
    public void pause() {
        socket.pause();
    }

    @Override
    public void resume() {
        socket.resume();
    }

    @Override
    public void close(Closing why) {
        socket.close((short) why.code(), why.text())
                .onFailure(cause -> log.debug("close failed: {}", cause.getMessage()));
    }

    /** A peer that reads nothing never gets the close frame, so its socket is closed below the WebSocket. */
    @Override
    public void cut() {
        ChannelFuture unused =
                ((WebSocketInternal) socket).channelHandlerContext().close();
    }

    @Override
    public SocketAddress remote() {
        return socket.remoteAddress();
    }

    private static byte[] bytesOf(WebSocketFrame frame) {
        boolean data = frame.isText() || frame.isBinary() || frame.isContinuation();
        return data ? frame.binaryData().getBytes() : NOTHING;
    }
}
