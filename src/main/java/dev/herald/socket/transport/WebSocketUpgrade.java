package dev.herald.socket.transport;

import dev.herald.config.OwnMachine;
import dev.herald.socket.transport.Entrance.Later;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker13;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.net.HostAndPort;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a WebSocket of one HTTP request (RFC 6455 section 4.2), and then is gone; any other request ends the connection. */
final class WebSocketUpgrade extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(WebSocketUpgrade.class);

    /** The one that became the standard, and the only one that browsers of the last ten years speak. */
    private static final String VERSION = "13";

    private final WebSocketDecoderConfig frames;
    private final Duration patience;
    private final Entrance entrance;
    private final boolean ownOnly;
    private final WebSocketReader reader;
    private final Function<ChannelHandlerContext, Transport> transport;
    private @Nullable ScheduledFuture<?> deadline;
    private @Nullable HttpRequest request;
    private boolean answered;

    /**
     * @param frames what is accepted of them
     * @param patience until the request must have come
     * @param ownOnly true if nobody is let in but from this machine
     * @param reader that takes this handler's place
     * @param transport made of the reader's place in the pipeline
     */
    WebSocketUpgrade(
            WebSocketDecoderConfig frames,
            Duration patience,
            Entrance entrance,
            boolean ownOnly,
            WebSocketReader reader,
            Function<ChannelHandlerContext, Transport> transport) {
        this.frames = frames;
        this.patience = patience;
        this.entrance = entrance;
        this.ownOnly = ownOnly;
        this.reader = reader;
        this.transport = transport;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext channel) {
        deadline = channel.executor().schedule(() -> close(channel), patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext channel) {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext channel, Object message) {
        if (message instanceof HttpRequest begun && request == null) {
            request = begun;
            check(channel, begun);
        }
        if (message instanceof LastHttpContent && request != null && !answered) {
            upgrade(channel, request);
        }
        ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext channel, Throwable cause) {
        log.debug("a client left before its answer: {}", cause.getMessage());
        close(channel);
    }

    private static void close(ChannelHandlerContext channel) {
        ChannelFuture unused = channel.close();
    }

    private void check(ChannelHandlerContext channel, HttpRequest begun) {
        if (begun.decoderResult().isFailure()) {
            refuse(channel, HttpResponseStatus.BAD_REQUEST, "");
        } else if (!begun.method().equals(HttpMethod.GET)
                || !begun.headers().contains(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)) {
            refuse(channel, HttpResponseStatus.UPGRADE_REQUIRED, "");
        } else if (ownOnly && !isOwn(begun.headers())) {
            refuse(channel, HttpResponseStatus.FORBIDDEN, "where client.auth is none, " + OwnMachine.ONLY);
        }
    }

    private void upgrade(ChannelHandlerContext channel, HttpRequest asked) {
        if (!asked.headers().contains(HttpHeaderNames.SEC_WEBSOCKET_VERSION, VERSION, false)) {
            answered = true;
            ChannelFuture unused = WebSocketServerHandshakerFactory.sendUnsupportedVersionResponse(channel.channel())
                    .addListener(ChannelFutureListener.CLOSE);
            return;
        }
        entrance.reserve().ifPresentOrElse(later -> refuse(channel, later), () -> accept(channel, asked));
    }

    private void accept(ChannelHandlerContext channel, HttpRequest asked) {
        Channel socket = channel.channel();
        answered = true;
        try {
            ChannelFuture unused = new WebSocketServerHandshaker13("", null, frames)
                    .handshake(socket, withoutBody(asked), EmptyHttpHeaders.INSTANCE, socket.newPromise())
                    .addListener(done -> {
                        if (done.isSuccess()) {
                            channel.pipeline().replace(this, "frames", reader);
                            Transport made = transport.apply(channel.pipeline().context(reader));
                            reader.run(() -> entrance.enter(made));
                        } else {
                            entrance.leave();
                            exceptionCaught(channel, done.cause());
                        }
                    });
        } catch (RuntimeException e) {
            entrance.leave();
            log.debug("a client asked wrongly: {}", e.getMessage());
            refuse(channel, HttpResponseStatus.BAD_REQUEST, "");
        }
    }

    /** A host that is none names somebody else. */
    private static boolean isOwn(HttpHeaders headers) {
        String host = headers.get(HttpHeaderNames.HOST, "");
        HostAndPort to = HostAndPort.parseAuthority(host, -1);
        return (to != null || host.isEmpty()) && OwnMachine.asks(to, headers.get(HttpHeaderNames.ORIGIN));
    }

    private static DefaultFullHttpRequest withoutBody(HttpRequest asked) {
        return new DefaultFullHttpRequest(
                asked.protocolVersion(),
                asked.method(),
                asked.uri(),
                Unpooled.EMPTY_BUFFER,
                asked.headers(),
                EmptyHttpHeaders.INSTANCE);
    }

    private void refuse(ChannelHandlerContext channel, HttpResponseStatus status, String text) {
        FullHttpResponse answer = answer(status, text);
        if (status.equals(HttpResponseStatus.UPGRADE_REQUIRED)) {
            answer.headers().set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
        }
        end(channel, answer);
    }

    private void refuse(ChannelHandlerContext channel, Later later) {
        FullHttpResponse answer = answer(HttpResponseStatus.SERVICE_UNAVAILABLE, later.text());
        answer.headers().set(HttpHeaderNames.RETRY_AFTER, later.seconds());
        end(channel, answer);
    }

    private static FullHttpResponse answer(HttpResponseStatus status, String text) {
        ByteBuf body = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
        FullHttpResponse answer = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
        answer.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
        return answer;
    }

    /** The connection ends with the answer: who is told to go away must not hold a place of the system's, either. */
    private void end(ChannelHandlerContext channel, FullHttpResponse answer) {
        answered = true;
        answer.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        ChannelFuture unused = channel.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
    }
}
