package dev.herald.socket.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.vertx.core.net.SocketAddress;
import java.util.function.Consumer;

/**
 * A WebSocket: each message is one of its own, however the client cuts those that it sends.
 *
 * @param channel the reader's place in its pipeline, behind the WebSocket's own handlers
 */
record WebSocketTransport(ChannelHandlerContext channel, WebSocketReader reader, SocketAddress remote)
        implements Transport {
    private static final int FINAL_TEXT = 0x81;
    private static final int FINAL_BINARY = 0x82;
    private static final int LENGTH_16 = 126;
    private static final int LENGTH_64 = 127;

    @Override
    public void listen(Consumer<byte[]> received, Consumer<String> broken, Runnable gone) {
        reader.listen(received, broken);
        ChannelFuture unused = channel.channel().closeFuture().addListener(closed -> reader.run(gone));
    }

    @Override
    public int gathered() {
        return reader.gathered();
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
        ChannelFuture unused = channel.writeAndFlush(new PingWebSocketFrame());
    }

    /** What one read has brought still comes. */
    @Override
    public void pause() {
        channel.channel().config().setAutoRead(false);
    }

    @Override
    public void resume() {
        channel.channel().config().setAutoRead(true);
    }

    @Override
    public void close(int code, String text) {
        reader.close(channel, code, text);
    }
}
