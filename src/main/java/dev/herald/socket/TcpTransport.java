package dev.herald.socket;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.DuplexChannel;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.util.function.Consumer;

/** Plain TCP: the same bytes without anything around them. */
record TcpTransport(NetSocket socket) implements Transport {

    @Override
    public void listen(Consumer<byte[]> received, Consumer<String> broken, Runnable gone) {
        socket.handler(bytes -> received.accept(bytes.getBytes()));
        socket.exceptionHandler(cause -> broken.accept(String.valueOf(cause.getMessage())));
        socket.closeHandler(v -> gone.run());
    }

    @Override
    public Future<Void> write(byte[] message, boolean text) {
        return socket.write(Buffer.buffer(message));
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
     * Ends only the way to the client, when everything is under way: a socket closed with something unread is reset, and
     * the client would lose the answer that says why.
     */
    @Override
    public void close(Closing why) {
        socket.write(Buffer.buffer()).onComplete(flushed -> endOutput());
    }

    @Override
    public void cut() {
        ChannelFuture unused = channel().close();
    }

    @Override
    public SocketAddress remote() {
        return socket.remoteAddress();
    }

    private void endOutput() {
        if (channel() instanceof DuplexChannel duplex) {
            ChannelFuture unused = duplex.shutdownOutput();
        } else {
            cut();
        }
    }

    private Channel channel() {
        return ((NetSocketInternal) socket).channelHandlerContext().channel();
    }
}
