package dev.herald.socket.transport;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.internal.ContextInternal;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes what Netty has decoded of a WebSocket: data for its connection, and what is about the WebSocket itself. */
final class WebSocketReader extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(WebSocketReader.class);

    /** A control frame carries 125 bytes (RFC 6455 section 5.5), and the code takes two. */
    static final int MAX_TEXT_BYTES = 123;

    private static final byte[] NOTHING = {};

    private final ContextInternal context;
    private Consumer<byte[]> received = bytes -> {};
    private Consumer<String> broken = problem -> {};
    private boolean closing;
    private int gathered;

    /** @param context that everything is handed over on: the event loop's own */
    WebSocketReader(ContextInternal context) {
        this.context = context;
    }

    void listen(Consumer<byte[]> data, Consumer<String> problem) {
        gathered = 0;
        received = data;
        broken = problem;
    }

    /** Bytes of a frame that is not whole yet, or no more than one read. */
    int gathered() {
        return gathered;
    }

    void gathered(int bytes) {
        gathered += bytes;
    }

    /** Lets the connection see that much is there, though it has nothing to read of it yet. */
    void showGathered() {
        if (gathered > Transport.UNNOTICED) {
            context.dispatch(NOTHING, received::accept);
        }
    }

    void run(Runnable task) {
        context.dispatch(v -> task.run());
    }

    /** Says so once, and leaves it to the client to answer. */
    void close(ChannelHandlerContext channel, int code, String text) {
        if (!closing) {
            closing = true;
            ChannelFuture unused = channel.writeAndFlush(new CloseWebSocketFrame(code, fitting(text)));
        }
    }

    /** As much of a text as a close frame takes, in whole characters. */
    static String fitting(String text) {
        int chars = 0;
        for (int bytes = 0; chars < text.length(); ) {
            int codePoint = text.codePointAt(chars);
            bytes += Character.toString(codePoint).getBytes(StandardCharsets.UTF_8).length;
            if (bytes > MAX_TEXT_BYTES) {
                break;
            }
            chars += Character.charCount(codePoint);
        }
        return text.substring(0, chars);
    }

    @Override
    public void channelRead(ChannelHandlerContext channel, Object message) {
        switch (message) {
            case CloseWebSocketFrame close -> closed(channel, close);
            case PingWebSocketFrame ping -> asked(channel, ping);
            case PongWebSocketFrame pong -> hand(pong, NOTHING);
            case WebSocketFrame data -> hand(data, ByteBufUtil.getBytes(data.content()));
            default -> ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext channel, Throwable cause) {
        if (cause instanceof DecoderException) {
            context.dispatch(String.valueOf(cause.getMessage()), broken::accept);
        } else {
            log.debug("a connection broke: {}", cause.getMessage());
            ChannelFuture unused = channel.close();
        }
    }

    private void hand(WebSocketFrame frame, byte[] bytes) {
        gathered = 0;
        frame.release();
        context.dispatch(bytes, received::accept);
    }

    /** A client that does not read is not answered either: what waits for it must stay bounded. */
    private void asked(ChannelHandlerContext channel, PingWebSocketFrame ping) {
        if (channel.channel().isWritable()) {
            ChannelFuture unused =
                    channel.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
        }
        hand(ping, NOTHING);
    }

    /** The server closes TCP first (RFC 6455 section 7.1.1), after its own answer. */
    private void closed(ChannelHandlerContext channel, CloseWebSocketFrame close) {
        if (closing) {
            close.release();
            ChannelFuture unused = channel.close();
        } else {
            closing = true;
            ChannelFuture unused = channel.writeAndFlush(close).addListener(ChannelFutureListener.CLOSE);
        }
    }
}
