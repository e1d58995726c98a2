package dev.herald.socket;

import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.wire.Frame.ConnAck;
import dev.herald.wire.Frame.Connect;
import dev.herald.wire.Protocol;
import dev.herald.wire.WireException;
import io.vertx.core.Future;

/** Takes a connection from its CONNECT to an open session: proof, keys, registry, and the answer. */
final class Handshake {
    private final Connection connection;
    private final Protocol protocol;
    private final SocketContext context;

    Handshake(Connection connection, Protocol protocol, SocketContext context) {
        this.connection = connection;
        this.protocol = protocol;
        this.context = context;
    }

    void begin(Connect connect) {
        context.logins()
                .run(() -> prove(connect).compose(master -> open(connect, master)))
                .onFailure(cause -> connection.refuse(refusal(cause)));
    }

    /** Who left while it waited costs no question. */
    private Future<Boolean> prove(Connect connect) {
        return connection.isClosed()
                ? Future.succeededFuture(false)
                : context.login().prove(connect);
    }

    private Refusal refusal(Throwable cause) {
        return HeraldException.failureOf(cause) == Failure.OVERLOADED
                ? Refusal.later(context.admission().tooManyLogins())
                : Refusal.of(cause);
    }

    private Future<Void> open(Connect connect, boolean master) {
        if (connection.isClosed()) {
            return Future.succeededFuture();
        }
        ConnAck ack = accept(connect);
        long id = SessionInfo.id(context.incarnation(), context.counts().nextSession());
        SessionInfo info = new SessionInfo(id, connect.uid(), connect.deviceFlag(), master, connect.deviceId());
        Session session = new Session(info, connection, context);
        connection.attach(session);
        return session.open()
                .compose(v -> context.login().confirm(connect))
                .onSuccess(v -> connection.welcome(session, ack));
    }

    private ConnAck accept(Connect connect) {
        try {
            return protocol.accept(connect, context.incarnation(), System.currentTimeMillis());
        } catch (WireException e) {
            throw Refusal.unusableKey(String.valueOf(e.getMessage()));
        }
    }
}
