package dev.herald.socket;

import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.config.HeraldConfig;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.lifecycle.Bulkhead;
import dev.herald.wire.Frame.ConnAck;
import dev.herald.wire.Frame.Connect;
import dev.herald.wire.Protocol;
import dev.herald.wire.WireException;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** Takes the connections of one instance from their CONNECT to an open session: proof, keys, registry, proof once more. */
final class Handshake {
    /** Under way on one event loop: each is two or three questions to the stores. */
    private static final int LOGINS_AT_ONCE = 64;

    /** What a loop gets done in less than a client's patience, also on a busy machine. */
    private static final int LOGINS_WAITING = 512;

    private final long incarnation;
    private final Admission admission;
    private final NodeCounts counts;
    private final Login login;

    /** As many at once as the stores answer quickly; who would wait too long is sent away before he gives up. */
    private final Bulkhead logins = new Bulkhead(LOGINS_AT_ONCE, LOGINS_WAITING);

    /** @param incarnation of this process: session ids begin with it */
    Handshake(
            Vertx vertx,
            HeraldConfig.Client config,
            Login.Register register,
            long incarnation,
            Admission admission,
            NodeCounts counts,
            MeterRegistry registry) {
        this.incarnation = incarnation;
        this.admission = admission;
        this.counts = counts;
        this.login = new Login(vertx, config, register, registry);
    }

    /**
     * Answers with what to tell the client, or fails with a {@link Refusal}.
     *
     * @param gone whether the client has left meanwhile
     * @param begun given whose session is opened
     */
    Future<ConnAck> run(
            Connect connect, Protocol protocol, BooleanSupplier gone, Function<SessionInfo, Session> begun) {
        return logins.run(() -> prove(connect, gone).compose(master -> open(connect, master, protocol, gone, begun)))
                .recover(cause -> Future.failedFuture(refusal(cause)));
    }

    Future<Void> stop() {
        return login.stop();
    }

    /** Who left while it waited costs no question. */
    private Future<Boolean> prove(Connect connect, BooleanSupplier gone) {
        return gone.getAsBoolean() ? Future.failedFuture(Refusal.unavailable()) : login.prove(connect);
    }

    private Future<ConnAck> open(
            Connect connect,
            boolean master,
            Protocol protocol,
            BooleanSupplier gone,
            Function<SessionInfo, Session> begun) {
        if (gone.getAsBoolean()) {
            return Future.failedFuture(Refusal.unavailable());
        }
        ConnAck ack = accept(connect, protocol);
        long id = SessionInfo.id(incarnation, counts.nextSession());
        return begun.apply(new SessionInfo(id, connect.uid(), connect.deviceFlag(), master, connect.deviceId()))
                .open()
                .compose(v -> login.confirm(connect))
                .map(ack);
    }

    private ConnAck accept(Connect connect, Protocol protocol) {
        try {
            return protocol.accept(connect, incarnation, System.currentTimeMillis());
        } catch (WireException e) {
            throw Refusal.unusableKey(String.valueOf(e.getMessage()));
        }
    }

    private Refusal refusal(Throwable cause) {
        return HeraldException.failureOf(cause) == Failure.OVERLOADED
                ? Refusal.later(admission.tooManyLogins())
                : Refusal.of(cause);
    }
}
