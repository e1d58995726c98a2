package dev.herald.socket.transport;

import dev.herald.config.HeraldConfig;
import dev.herald.config.HeraldConfig.Client.Auth;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.Objects;

/**
 * Makes WebSockets of the sockets of a port, whatever path is asked for (wukong-interfaces section 1.1). Netty's handlers
 * for HTTP and WebSocket stand on the sockets of a plain server: those of an HTTP server keep a request, a response and four
 * queues for as long as the connection lives, which is most of what an idle one weighs.
 */
final class WebSocketPipeline implements Handler<NetSocket> {
    private final Vertx vertx;
    private final Entrance entrance;
    private final WebSocketDecoderConfig frames;
    private final Duration patience;
    private final boolean ownOnly;

    WebSocketPipeline(Vertx vertx, HeraldConfig config, Entrance entrance) {
        HeraldConfig.Ws ws = config.ws();
        this.vertx = vertx;
        this.entrance = entrance;
        this.frames = WebSocketDecoderConfig.newBuilder()
                .maxFramePayloadLength(ws.maxFrameBytes())
                .allowExtensions(false)
                .closeOnProtocolViolation(false)
                .withUTF8Validator(false)
                .build();
        this.patience = ws.handshakeTimeout();
        this.ownOnly = config.client().auth() == Auth.NONE;
    }

    @Override
    public void handle(NetSocket socket) {
        ChannelHandlerContext channel = ((NetSocketInternal) socket).channelHandlerContext();
        WebSocketReader reader =
                new WebSocketReader((ContextInternal) Objects.requireNonNull(vertx.getOrCreateContext()));
        SocketAddress remote = socket.remoteAddress();
        WebSocketUpgrade upgrade = new WebSocketUpgrade(frames, patience, entrance, ownOnly, reader, place -> {
            dismissSocket(place);
            return new WebSocketTransport(place, reader, remote);
        });
        channel.pipeline()
                .addBefore(channel.name(), "undecoded", new Undecoded(reader))
                .addBefore(channel.name(), "http", new HttpServerCodec())
                .addBefore(channel.name(), "upgrade", upgrade);
    }

    /**
     * A WebSocket has no use for the socket that it came as, which would weigh 5 KB as long as the client stays. To
     * Vert.x it is closed; the server still closes the channel when it ends.
     */
    private static void dismissSocket(ChannelHandlerContext before) {
        before.fireChannelInactive();
        before.pipeline().removeLast();
    }
}
