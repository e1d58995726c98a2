package dev.herald.bench.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * HTTP calls of a back end to one server, on the driver's thread and as cheap as its clients, over connections that are
 * kept: one call at a time each, and so many of them at most; further calls wait for a free one.
 */
public final class Calls {
    private static final int MAX_CONNECTIONS = 128;
    private static final int MAX_ANSWER = 64 * 1024 * 1024;

    private final Loop loop;
    private final InetSocketAddress server;
    private final Deque<Call> waiting = new ArrayDeque<>();
    private final Deque<Connection> idle = new ArrayDeque<>();
    private int connections;

    /** What the server said. */
    public record Answer(int status, byte[] body) {}

    private record Call(String path, byte[] body, CompletableFuture<Answer> answer) {}

    /** @param server {@code http://host:port} */
    public Calls(Loop loop, String server) {
        this.loop = loop;
        URI uri = URI.create(server);
        this.server = new InetSocketAddress(uri.getHost(), uri.getPort());
    }

    /** Posts JSON; the answer comes on the driver's thread. */
    public CompletableFuture<Answer> post(String path, byte[] body) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        loop.soon(() -> {
            waiting.add(new Call(path, body, answer));
            Connection free = idle.poll();
            if (free != null) {
                free.next();
            } else if (connections < MAX_CONNECTIONS) {
                connect();
            }
        });
        return answer;
    }

    private void connect() {
        connections++;
        new Bootstrap()
                .group(loop.events())
                .channel(EpollSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline()
                                .addLast(new HttpClientCodec(), new HttpObjectAggregator(MAX_ANSWER), new Connection());
                    }
                })
                .connect(server)
                .addListener(done -> {
                    Call call = done.isSuccess() ? null : waiting.poll();
                    if (call != null) {
                        call.answer.completeExceptionally(done.cause());
                    }
                });
    }

    private final class Connection extends SimpleChannelInboundHandler<FullHttpResponse> {
        private @Nullable ChannelHandlerContext context;
        private @Nullable Call call;

        void next() {
            call = waiting.poll();
            if (call == null) {
                idle.push(this);
                return;
            }
            FullHttpRequest request = new DefaultFullHttpRequest(
                    HttpVersion.HTTP_1_1, HttpMethod.POST, call.path, Unpooled.wrappedBuffer(call.body));
            request.headers()
                    .set(HttpHeaderNames.HOST, server.getHostString() + ":" + server.getPort())
                    .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
                    .setInt(HttpHeaderNames.CONTENT_LENGTH, call.body.length);
            context.writeAndFlush(request, context.voidPromise());
        }

        @Override
        public void channelActive(ChannelHandlerContext active) {
            context = active;
            next();
        }

        @Override
        protected void channelRead0(ChannelHandlerContext active, FullHttpResponse response) {
            if (call != null) {
                call.answer.complete(new Answer(response.status().code(), ByteBufUtil.getBytes(response.content())));
            }
            next();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext active, Throwable cause) {
            if (call != null) {
                call.answer.completeExceptionally(cause);
            }
            active.close();
        }

        /** Others may be waiting for this connection, who need another one. */
        @Override
        public void channelInactive(ChannelHandlerContext ended) {
            connections--;
            idle.remove(this);
            if (call != null) {
                call.answer.completeExceptionally(new IOException("the server closed the connection"));
            }
            if (!waiting.isEmpty()) {
                connect();
            }
        }
    }
}
