package dev.herald.socket.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.function.Consumer;
import jdk.net.ExtendedSocketOptions;

/** Plain TCP: the same bytes without anything around them. */
record TcpTransport(NetSocket socket) implements Transport {
    private static final int PROBES = 3;

    /**
     * Lets the system ask a silent peer for a sign of life, and close the socket if none comes.
     *
     * @param after silence
     * @param patience until it is closed
     */
    TcpTransport probing(Duration after, Duration patience) {
        int idle = seconds(after);
        int interval = seconds(patience.dividedBy(PROBES));
        ChannelConfig config = channel().channel().config();
        // Whichever of the two transports it is leaves the other's options alone.
        config.setOption(ChannelOption.SO_KEEPALIVE, true);
        config.setOption(EpollChannelOption.TCP_KEEPIDLE, idle);
        config.setOption(EpollChannelOption.TCP_KEEPINTVL, interval);
        config.setOption(EpollChannelOption.TCP_KEEPCNT, PROBES);
        config.setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), idle);
        config.setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL), interval);
        config.setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), PROBES);
        return this;
    }

    @Override
    public void listen(Consumer<byte[]> received, Consumer<String> broken, Runnable gone) {
        socket.handler(bytes -> received.accept(bytes.getBytes()));
        socket.exceptionHandler(cause -> broken.accept(String.valueOf(cause.getMessage())));
        socket.closeHandler(v -> gone.run());
    }

    @Override
    public int gathered() {
        return 0;
    }

    @Override
    public ChannelHandlerContext channel() {
        return ((NetSocketInternal) socket).channelHandlerContext();
    }

    @Override
    public void append(ByteBuf gathered, byte[] message, boolean text) {
        gathered.writeBytes(message);
    }

    @Override
    public boolean pings() {
        return false;
    }

    @Override
    public void ping() {
        throw new UnsupportedOperationException("no frame of the binary protocol asks a client to answer");
    }

    @Override
    public void pause() {
        socket.pause();
    }

    @Override
    public void resume() {
        socket.resume();
    }

    /**
     * Ends only the way to the client, when everything is under way: a socket closed with something unread is reset,
     * and the client would lose the answer that says why.
     */
    @Override
    public void close(int code, String text) {
        socket.write(Buffer.buffer()).onComplete(flushed -> endOutput());
    }

    @Override
    public SocketAddress remote() {
        return socket.remoteAddress();
    }

    private void endOutput() {
        if (channel().channel() instanceof DuplexChannel duplex) {
            ChannelFuture unused = duplex.shutdownOutput();
        } else {
            cut();
        }
    }

    private static int seconds(Duration duration) {
        return Math.max(1, (int) duration.toSeconds());
    }
}
