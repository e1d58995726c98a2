package dev.herald.bench.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Opens connections, in turn from several loopback addresses (each has 28,000 ports) and to several servers. */
public final class Sockets {
    private static final int DEADLINE_SECONDS = 30;

    private final Loop loop;
    private final List<InetSocketAddress> servers;
    private final int sources;
    private final Supplier<Dialect> dialects;
    private final Set<Client> open = new HashSet<>();
    private int opened;

    /**
     * @param servers {@code ws://host:port} each
     * @param dialects what each connection speaks
     */
    public Sockets(Loop loop, List<String> servers, int sources, Supplier<Dialect> dialects) {
        this.loop = loop;
        this.servers = servers.stream()
                .map(URI::create)
                .map(uri -> new InetSocketAddress(uri.getHost(), uri.getPort()))
                .toList();
        this.sources = sources;
        this.dialects = dialects;
    }

    /** To the next server in turn; called on the loop. */
    public CompletableFuture<Client> open(String uid, int flag, Client.Listener listener) {
        return open(uid, flag, listener, opened);
    }

    /** To the server at this place of the list, modulo its length; called on the loop. */
    public CompletableFuture<Client> open(String uid, int flag, Client.Listener listener, int server) {
        Client client = new Client(uid, flag, token(uid), dialects.get(), listener, open::remove);
        open.add(client);
        InetSocketAddress from = new InetSocketAddress("127.0.0." + (2 + opened % sources), 0);
        opened++;
        bootstrap(client)
                .connect(servers.get(Math.floorMod(server, servers.size())), from)
                .addListener(done -> {
                    if (!done.isSuccess()) {
                        client.gone(String.valueOf(done.cause()));
                    }
                });
        Future<?> deadline = loop.events()
                .schedule(() -> client.gone("no CONNACK in " + DEADLINE_SECONDS + " s"), DEADLINE_SECONDS, TimeUnit.SECONDS);
        return client.opening().whenComplete((done, failed) -> deadline.cancel(false));
    }

    /** Everybody leaves; called on the loop. */
    public void close() {
        List.copyOf(open).forEach(Client::close);
    }

    /** What every client shows: the server either believes anybody or was told of it. */
    public static String token(String uid) {
        return "token of " + uid;
    }

    private Bootstrap bootstrap(Client client) {
        return new Bootstrap()
                .group(loop.events())
                .channel(EpollSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(new WsCodec(client));
                        ChannelHandlerContext context = channel.pipeline().lastContext();
                        client.attach(context);
                    }
                });
    }
}
