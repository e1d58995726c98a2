package dev.herald.socket;

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
final class ClientPort {
    private static final int ACCEPT_BACKLOG = 4096;

    private final NetServer server;

    /**
     * @param number 0 for a free one
     * @param free Vert.x's name for a free port that all instances share: negative, and another one for each port
     * @param silence after which a socket is closed, in whole seconds; zero for never
     */
    ClientPort(Vertx vertx, HeraldConfig config, int number, int free, Duration silence, Handler<NetSocket> admit) {
        NetServerOptions options = new NetServerOptions()
                .setHost(config.bind())
                .setPort(number == 0 ? free : number)
                .setAcceptBacklog(ACCEPT_BACKLOG)
                .setUseProxyProtocol(config.client().proxyProtocol())
                .setProxyProtocolTimeout(config.ws().handshakeTimeout().toMillis())
                .setProxyProtocolTimeoutUnit(TimeUnit.MILLISECONDS)
                .setIdleTimeout((int) silence.toSeconds());
        this.server = vertx.createNetServer(options).connectHandler(admit);
    }

    Future<?> open() {
        return server.listen();
    }

    int number() {
        return server.actualPort();
    }

    Future<Void> close() {
        return server.close();
    }
}
