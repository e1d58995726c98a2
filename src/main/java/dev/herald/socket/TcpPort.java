package dev.herald.socket;

import dev.herald.config.HeraldConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;

/** Where clients connect over plain TCP, as the Android and iOS SDKs do. */
final class TcpPort {
    private static final int SHARED_FREE_PORT = -2;

    private final HeraldConfig.Ws ws;
    private final Entrance entrance;
    private final NetServer server;

    TcpPort(Vertx vertx, HeraldConfig config, Entrance entrance) {
        this.ws = config.ws();
        this.entrance = entrance;
        NetServerOptions options =
                PortOptions.apply(config, new NetServerOptions(), config.tcp().port(), SHARED_FREE_PORT);
        this.server = vertx.createNetServer(options).connectHandler(this::admit);
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

    /** There is no refusal that a client would not take for final, so it is closed without a word. */
    private void admit(NetSocket socket) {
        TcpTransport transport = new TcpTransport(socket);
        if (entrance.reserve().isEmpty()) {
            entrance.enter(transport.probing(ws.pingAfter(), ws.pongTimeout()));
        } else {
            transport.cut();
        }
    }
}
