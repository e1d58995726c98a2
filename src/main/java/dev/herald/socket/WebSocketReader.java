package dev.herald.socket;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.vertx.core.internal.ContextInternal;
import java.util.function.Consumer;

/**
 * Takes a socket's data where Netty has decoded it: the way through Vert.x's queues costs more than all that is done with a
 * small frame. What is about the connection itself (close, ping, pong) goes on to Vert.x.
 */
final class WebSocketReader extends ChannelInboundHandlerAdapter {
    private final ContextInternal context;
    private final Consumer<byte[]> received;

    WebSocketReader(ContextInternal context, Consumer<byte[]> received) {
        this.context = context;
        this.received = received;
    }

    @Override
    public void channelRead(ChannelHandlerContext channel, Object message) {
        if (message instanceof WebSocketFrame frame && isData(frame)) {
            byte[] bytes = ByteBufUtil.getBytes(frame.content());
            frame.release();
            context.dispatch(bytes, received::accept);
        } else {
            channel.fireChannelRead(message);
        }
    }

    private static boolean isData(WebSocketFrame frame) {
        return frame instanceof BinaryWebSocketFrame
                || frame instanceof TextWebSocketFrame
                || frame instanceof ContinuationWebSocketFrame;
    }
}
