package dev.herald.socket.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.net.SocketAddress;
import java.util.function.Consumer;

/** What carries a connection's bytes: all else of a connection is the same, whatever its client came over. */
public interface Transport {
    /** The longest header of a WebSocket frame that a server sends (RFC 6455 section 5.2). */
    int HEADER_BYTES = 10;

    /** As many bytes may be gathered before the connection is told that there are some. */
    int UNNOTICED = 16 << 10;

    /**
     * @param received given the bytes as they come, none for what only shows that the client lives
     * @param broken told what went wrong below
     * @param gone told when it is closed for good
     */
    void listen(Consumer<byte[]> received, Consumer<String> broken, Runnable gone);

    /** Bytes that have come and make nothing whole that could be given away; of more than {@link #UNNOTICED} it tells. */
    int gathered();

    /** Where its bytes go. */
    ChannelHandlerContext channel();

    /**
     * Adds one message in the form that it travels in.
     *
     * @param text true if it is UTF-8 and the transport may tell text from bytes
     */
    void append(ByteBuf gathered, byte[] message, boolean text);

    /** A new buffer with this message as its first. */
    default ByteBuf gather(byte[] message, boolean text) {
        ByteBuf gathered = channel().alloc().directBuffer(message.length + HEADER_BYTES);
        append(gathered, message, text);
        return gathered;
    }

    /** Sends what was gathered; completed when it was handed to the system. */
    default ChannelFuture write(ByteBuf gathered) {
        return channel().writeAndFlush(gathered);
    }

    /** True if it can ask its peer for a sign of life by {@link #ping}; otherwise the system does, or nobody. */
    boolean pings();

    void ping();

    void pause();

    void resume();

    /**
     * Says goodbye after all that was written, and leaves it to the client to go.
     *
     * @param code of a WebSocket's close frame
     * @param text of it, of which as much is said as it takes
     */
    void close(int code, String text);

    /** Closes at once what did not close in time, below whatever it would say first. */
    default void cut() {
        ChannelFuture unused = channel().close();
    }

    /** Where the client is, as far as it is known. */
    SocketAddress remote();
}
