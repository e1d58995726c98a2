package dev.herald.socket;

import dev.herald.config.HeraldConfig;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetSocket;
import java.time.Duration;

/** Where clients connect over plain TCP, as the Android and iOS SDKs do. */
record TcpPort(HeraldConfig.Ws ws, Entrance entrance) implements Handler<NetSocket> {
    private static final int SHARED_FREE_PORT = -2;
    private static final Duration MARGIN = Duration.ofSeconds(1);

    static ClientPort of(Vertx vertx, HeraldConfig config, Entrance entrance) {
        HeraldConfig.Ws ws = config.ws();
        Duration silence = ws.idleTimeout().plus(ws.handshakeTimeout()).plus(MARGIN);
        return new ClientPort(vertx, config, config.tcp().port(), SHARED_FREE_PORT, silence, new TcpPort(ws, entrance));
    }

    /** There is no refusal that a client would not take for final, so it is closed without a word. */
    @Override
    public void handle(NetSocket socket) {
        TcpTransport transport = new TcpTransport(socket);
        if (entrance.reserve().isEmpty()) {
            entrance.enter(transport.probing(ws.pingAfter(), ws.pongTimeout()));
        } else {
            transport.cut();
        }
    }
}
