package dev.herald.socket.transport;

import dev.herald.config.HeraldConfig;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A port that clients connect to, shared by the instances of all event loops. */
public final class ClientPort {
    private static final int ACCEPT_BACKLOG = 4096;

    /** Vert.x's names for free ports that all instances share: negative, and another one for each port. */
    private static final int FREE_WEB_SOCKET = -1;

    private static final int FREE_TCP = -2;

    private static final Duration MARGIN = Duration.ofSeconds(1);

    private final NetServer server;

    /** @param silence after which a socket is closed, in whole seconds; zero for never */
    private ClientPort(Vertx vertx, HeraldConfig config, int number, Duration silence, Handler<NetSocket> admit) {
        NetServerOptions options = new NetServerOptions()
                .setHost(config.bind())
                .setPort(number)
                .setAcceptBacklog(ACCEPT_BACKLOG)
                .setUseProxyProtocol(config.client().proxyProtocol())
                .setProxyProtocolTimeout(config.ws().handshakeTimeout().toMillis())
                .setProxyProtocolTimeoutUnit(TimeUnit.MILLISECONDS)
                .setIdleTimeout((int) silence.toSeconds());
        this.server = vertx.createNetServer(options).connectHandler(admit);
    }

    /** Until the upgrade there is a deadline, and then the connection looks after its client's silence itself. */
    public static ClientPort webSocket(Vertx vertx, HeraldConfig config, Entrance entrance) {
        HeraldConfig.Ws ws = config.ws();
        int number = ws.port() == 0 ? FREE_WEB_SOCKET : ws.port();
        return new ClientPort(vertx, config, number, Duration.ZERO, new WebSocketPipeline(vertx, config, entrance));
    }

    /** Where clients connect over plain TCP, as the Android and iOS SDKs do. */
    public static ClientPort tcp(Vertx vertx, HeraldConfig config, Entrance entrance) {
        HeraldConfig.Ws ws = config.ws();
        int number = config.tcp().port() == 0 ? FREE_TCP : config.tcp().port();
        Duration silence = ws.idleTimeout().plus(ws.handshakeTimeout()).plus(MARGIN);
        return new ClientPort(vertx, config, number, silence, socket -> enter(new TcpTransport(socket), ws, entrance));
    }

    public Future<?> open() {
        return server.listen();
    }

    public int number() {
        return server.actualPort();
    }

    public Future<Void> close() {
        return server.close();
    }

    /** There is no refusal that a client would not take for final, so it is closed without a word. */
    private static void enter(TcpTransport transport, HeraldConfig.Ws ws, Entrance entrance) {
        if (entrance.reserve().isEmpty()) {
            entrance.enter(transport.probing(ws.pingAfter(), ws.pongTimeout()));
        } else {
            transport.cut();
        }
    }
}
