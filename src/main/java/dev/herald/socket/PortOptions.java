package dev.herald.socket;

import dev.herald.config.HeraldConfig;
import io.vertx.core.net.NetServerOptions;
import java.util.concurrent.TimeUnit;

/** What the ports for clients have in common. */
final class PortOptions {
    private static final int ACCEPT_BACKLOG = 4096;

    private PortOptions() {}

    /**
     * @param port 0 for a free one
     * @param free Vert.x's name for a free port that all instances share: negative, and another one for each port
     */
    static <T extends NetServerOptions> T apply(HeraldConfig config, T options, int port, int free) {
        HeraldConfig.Ws ws = config.ws();
        int silence = (int) ws.idleTimeout().plus(ws.handshakeTimeout()).toSeconds() + 1;
        options.setHost(config.bind())
                .setPort(port == 0 ? free : port)
                .setAcceptBacklog(ACCEPT_BACKLOG)
                .setUseProxyProtocol(config.client().proxyProtocol())
                .setProxyProtocolTimeout(ws.handshakeTimeout().toMillis())
                .setProxyProtocolTimeoutUnit(TimeUnit.MILLISECONDS)
                .setIdleTimeout(silence);
        return options;
    }
}
