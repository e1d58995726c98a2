package dev.herald.socket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.http.WebSocketInternal;
import io.vertx.core.net.SocketAddress;
import java.util.Objects;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A WebSocket: each message is one of its own, however the client cuts those that it sends. */
record WebSocketTransport(ServerWebSocket socket) implements Transport {
    private static final Logger log = LoggerFactory.getLogger(WebSocketTransport.class);
    private static final byte[] NOTHING = {};
    private static final int FINAL_TEXT = 0x81;
    private static final int FINAL_BINARY = 0x82;
    private static final int LENGTH_16 = 126;
    private static final int LENGTH_64 = 127;

    @Override
    public void listen(Consumer<byte[]> received, Consumer<String> broken, Runnable gone) {
        ChannelHandlerContext channel = channel();
        ContextInternal context = (ContextInternal) Objects.requireNonNull(Vertx.currentContext());
        channel.pipeline().addBefore(channel.name(), "data", new WebSocketReader(context, received));
        socket.frameHandler(frame -> received.accept(bytesOf(frame)));
        socket.exceptionHandler(cause -> broken.accept(String.valueOf(cause.getMessage())));
        socket.closeHandler(v -> gone.run());
    }

    @Override
    public ChannelHandlerContext channel() {
        return ((WebSocketInternal) socket).channelHandlerContext();
    }

    /** A final frame without a mask (RFC 6455 section 5.2), so that one buffer can hold several. */
    @Override
    public void append(ByteBuf gathered, byte[] message, boolean text) {
        int length = message.length;
        gathered.writeByte(text ? FINAL_TEXT : FINAL_BINARY);
        if (length < LENGTH_16) {
            gathered.writeByte(length);
        } else if (length <= 0xffff) {
            gathered.writeByte(LENGTH_16).writeShort(length);
        } else {
            gathered.writeByte(LENGTH_64).writeLong(length);
        }
        gathered.writeBytes(message);
    }

    @Override
    public boolean pings() {
        return true;
    }

    @Override
    public void ping() {
        socket.writePing(Buffer.buffer()).onFailure(cause -> log.debug("ping failed: {}", cause.getMessage()));
    }

    /** What one read has brought still comes. */
    @Override
    public void pause() {
        channel().channel().config().setAutoRead(false);
    }

    @Override
    public void resume() {
        channel().channel().config().setAutoRead(true);
    }

    @Override
    public void close(Closing why) {
        socket.close((short) why.code(), why.text())
                .onFailure(cause -> log.debug("close failed: {}", cause.getMessage()));
    }

    @Override
    public SocketAddress remote() {
        return socket.remoteAddress();
    }

    /** Data comes this way if it was quicker than the reader that takes it. */
    private static byte[] bytesOf(WebSocketFrame frame) {
        boolean data = frame.isText() || frame.isBinary() || frame.isContinuation();
        return data ? frame.binaryData().getBytes() : NOTHING;
    }
}
