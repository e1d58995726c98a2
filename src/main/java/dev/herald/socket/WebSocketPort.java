package dev.herald.socket;

import dev.herald.config.HeraldConfig;
import dev.herald.socket.Admission.Later;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where clients connect over WebSocket, whatever path they ask for (wukong-interfaces section 1.1). */
final class WebSocketPort {
    private static final Logger log = LoggerFactory.getLogger(WebSocketPort.class);

    private static final int SHARED_FREE_PORT = -1;
    private static final int UNAVAILABLE = 503;
    private static final int UPGRADE_REQUIRED = 426;

    private final Entrance entrance;
    private final HttpServer server;

    WebSocketPort(Vertx vertx, HeraldConfig config, Entrance entrance) {
        this.entrance = entrance;
        this.server = vertx.createHttpServer(options(config)).requestHandler(this::admit);
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

    private static HttpServerOptions options(HeraldConfig config) {
        HeraldConfig.Ws ws = config.ws();
        return PortOptions.apply(config, new HttpServerOptions(), ws.port(), SHARED_FREE_PORT)
                .setMaxWebSocketFrameSize(ws.maxFrameBytes())
                .setMaxWebSocketMessageSize(ws.maxFrameBytes())
                .setPerMessageWebSocketCompressionSupported(false)
                .setPerFrameWebSocketCompressionSupported(false)
                .setWebSocketClosingTimeout((int) Connection.CLOSING.toSeconds());
    }

    private void admit(HttpServerRequest request) {
        if (!request.canUpgradeToWebSocket()) {
            request.response().setStatusCode(UPGRADE_REQUIRED).end().onFailure(WebSocketPort::lost);
            return;
        }
        Optional<Later> later = entrance.reserve();
        if (later.isPresent()) {
            refuse(request, later.get());
            return;
        }
        request.toWebSocket()
                .onSuccess(socket -> entrance.enter(new WebSocketTransport(socket)))
                .onFailure(cause -> {
                    entrance.leave();
                    lost(cause);
                });
    }

    /** The connection ends with the answer: who is told to go away must not hold a place of the system's, either. */
    private static void refuse(HttpServerRequest request, Later later) {
        request.response()
                .setStatusCode(UNAVAILABLE)
                .putHeader("Retry-After", Long.toString(later.seconds()))
                .putHeader("Connection", "close")
                .end(later.text())
                .onFailure(WebSocketPort::lost);
    }

    private static void lost(Throwable cause) {
        log.debug("a client left before its answer: {}", cause.getMessage());
    }
}
