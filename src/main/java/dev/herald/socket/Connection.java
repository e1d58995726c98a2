package dev.herald.socket;

import dev.herald.bus.message.PresenceMessage.EndReason;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.bus.message.SocketMessage.ConnectionRow;
import dev.herald.config.HeraldConfig;
import dev.herald.lifecycle.SteadyClock;
import dev.herald.model.Reason;
import dev.herald.socket.delivery.Client;
import dev.herald.socket.transport.Transport;
import dev.herald.wire.Frame;
import dev.herald.wire.Protocol;
import dev.herald.wire.WireException;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One client's connection from its first byte to its end; whatever goes wrong here ends this connection only. */
final class Connection implements Client {
    private static final Logger log = LoggerFactory.getLogger(Connection.class);

    /** How long a closed connection may take to go, or to make room for the goodbye. */
    static final Duration CLOSING = Duration.ofSeconds(2);

    /** Frames handled in one turn of the event loop: one read can hold a million PINGs, and the loop has other clients. */
    private static final int MAX_FRAMES_PER_TURN = 256;

    /** Long enough for the loop to see to its other sockets first. */
    private static final Duration NEXT_TURN = Duration.ofMillis(1);

    private enum State {
        GREETING,
        CONNECTING,
        OPEN,
        CLOSED
    }

    private final Transport transport;
    private final SocketContext context;
    private final Inflow inflow;
    private final Outbox outbox;
    private final KeepAlive keepAlive;
    private @Nullable Session session;
    private @Nullable Closing farewell;
    private State state = State.GREETING;
    private boolean yielding;
    private long stateSince = SteadyClock.millis();

    Connection(Transport transport, SocketContext context) {
        this.transport = transport;
        this.context = context;
        HeraldConfig.Ws config = context.config().ws();
        this.inflow = new Inflow(
                transport,
                context.protocols(),
                new Intake(context.counts(), context.admission().memory()));
        this.outbox = new Outbox(
                transport,
                config.maxOutboxBytes(),
                context.turn(),
                this::drained,
                context.counts(),
                context.admission().memory());
        Duration pingAfter = transport.pings() ? config.pingAfter() : config.idleTimeout();
        this.keepAlive = new KeepAlive(config.idleTimeout(), pingAfter, config.pongTimeout(), stateSince);
    }

    /** @param onGone told when the connection is closed for good */
    void start(Runnable onGone) {
        transport.listen(this::received, problem -> close(Closing.garbage(problem)), () -> {
            end(EndReason.CLOSE);
            onGone.run();
        });
    }

    @Override
    public boolean hasRoom() {
        return outbox.hasRoom();
    }

    @Override
    public boolean hasRoom(int bytes) {
        return outbox.hasRoom(bytes);
    }

    /** Whether an event has a form in the client's protocol, and the client is not behind. */
    boolean takesEvents() {
        Protocol protocol = inflow.protocol();
        return protocol != null && protocol.takesEvents() && outbox.hasRoom();
    }

    Optional<Session> openSession() {
        return state == State.OPEN ? Optional.ofNullable(session) : Optional.empty();
    }

    boolean isClosed() {
        return state == State.CLOSED;
    }

    /**
     * Sends a frame, or closes the connection if the client is too far behind to take it. A frame that has no form in
     * the client's protocol is left out: closing would only bring the client back to the same frame. Answers that were
     * under way while this process slept are those of a dead incarnation, and are not given.
     */
    @Override
    public void write(Frame frame) {
        Protocol protocol = inflow.protocol();
        if (protocol == null || isClosed() || closeIfFenced()) {
            return;
        }
        try {
            send(protocol, protocol.write(frame));
        } catch (IllegalArgumentException e) {
            log.error("frame={} could not be written", frame.getClass().getSimpleName(), e);
        }
    }

    /** Handles what was received, as long as there is room for what it asks and the turn lasts. */
    void pump() {
        for (int left = MAX_FRAMES_PER_TURN; isReading() && !inflow.isEmpty(); left--) {
            if (left == 0) {
                yieldTurn();
            } else {
                handle(inflow.next());
            }
        }
        count();
        // While the session is being opened a client that leaves must be noticed, if it has not sent much.
        inflow.pause(!isReading() && (state == State.OPEN || inflow.isMuch()));
    }

    /** How it is now, for its session. */
    ConnectionRow row(SessionInfo session) {
        SocketAddress remote = transport.remote();
        long now = SteadyClock.millis();
        return new ConnectionRow(
                session.id(),
                session.uid(),
                session.deviceFlag(),
                session.deviceId(),
                Objects.requireNonNullElse(remote.hostAddress(), ""),
                Math.max(0, remote.port()),
                now - stateSince,
                keepAlive.silence(now),
                outbox.waiting());
    }

    void close(Closing closing) {
        if (!isClosed()) {
            end(closing.end());
            inflow.pause(false);
            // Behind an outbox that is stuck the goodbye would only wait for the transport to be cut.
            if (outbox.hasRoom()) {
                outbox.flush();
                transport.close(closing.code(), closing.text());
            } else {
                farewell = closing;
            }
        }
    }

    /**
     * Ends what has waited too long: for its CONNECT, for a sign of life, for the peer's part of the close; and sends
     * again what has waited too long for their acknowledgement.
     */
    void tick() {
        closeIfFenced();
        switch (state) {
            case GREETING -> {
                if (isOver(stateSince, context.config().ws().handshakeTimeout())) {
                    close(Closing.timeout("no CONNECT came in time"));
                }
            }
            case CONNECTING -> {
                if (isOver(stateSince, context.config().ws().handshakeTimeout())) {
                    refuse(Refusal.unavailable());
                }
            }
            case OPEN -> {
                count();
                keepAlive();
                openSession().ifPresent(Session::redeliver);
            }
            case CLOSED -> {
                if (isOver(stateSince, CLOSING)) {
                    transport.cut();
                }
            }
        }
    }

    /** A slow client's answer waits, and the ping itself, behind what it was sent: taking that is life enough. */
    private void keepAlive() {
        keepAlive.heard(outbox.lastTaken());
        switch (keepAlive.due(SteadyClock.millis())) {
            case NOTHING -> {}
            case PING -> transport.ping();
            case END -> {
                context.meters().timeouts.increment();
                close(Closing.timeout("nothing was received for too long"));
            }
        }
    }

    private boolean closeIfFenced() {
        if (session == null || !session.isFenced()) {
            return false;
        }
        close(Closing.fenced());
        return true;
    }

    private void received(byte[] bytes) {
        keepAlive.heard(SteadyClock.millis());
        receive(bytes);
    }

    private void receive(byte[] bytes) {
        if (isClosed() || closeIfFenced()) {
            return;
        }
        try {
            inflow.add(bytes);
            pump();
        } catch (WireException e) {
            reject(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            log.error("received bytes could not be handled", e);
            close(Closing.broken());
        }
    }

    private void count() {
        int sending = session == null ? 0 : session.sending();
        if (!isClosed() && !inflow.isBearable(sending, state == State.GREETING)) {
            context.meters().floods.increment();
            close(Closing.flooded());
        }
    }

    /** A JSON-RPC client is told what is wrong with its connect; bytes that are no frames have no answer that fits. */
    private void reject(String problem) {
        Protocol protocol = inflow.protocol();
        if (state == State.GREETING && protocol != null && protocol.isText()) {
            send(protocol, protocol.refuse(Reason.AUTH_FAIL.code(), problem));
        }
        close(Closing.garbage(problem));
    }

    /** A protocol gives CONNECT first and once, so another frame is one of an open session. */
    private void handle(Frame frame) {
        Protocol protocol = inflow.protocol();
        if (frame instanceof Frame.Connect connect && protocol != null) {
            connect(connect, protocol);
        } else if (session != null) {
            session.handle(frame);
        }
    }

    /** From the moment that its session is being opened the end of the connection is the end of the session. */
    private void connect(Frame.Connect connect, Protocol protocol) {
        enter(State.CONNECTING);
        context.handshake()
                .run(connect, protocol, this::isClosed, info -> session = new Session(info, this, context))
                .onSuccess(this::welcome)
                .onFailure(cause -> refuse(Refusal.of(cause)));
    }

    private void welcome(Frame.ConnAck ack) {
        Protocol protocol = inflow.protocol();
        if (session != null && protocol != null && !closeIfFenced()) {
            enter(State.OPEN);
            write(ack);
            session.begin(protocol.isText());
            receive(new byte[0]);
        }
    }

    private void refuse(Refusal refusal) {
        Protocol protocol = inflow.protocol();
        if (protocol != null) {
            refusal.answer().ifPresent(reason -> send(protocol, protocol.refuse(reason.code(), refusal.text())));
            context.meters().refused(refusal.counted());
            close(Closing.refused(refusal));
        }
    }

    private void send(Protocol spoken, byte[] message) {
        if (!outbox.write(message, spoken.isText())) {
            context.meters().slowReaders.increment();
            close(Closing.slowReader());
        }
    }

    private void drained() {
        if (farewell != null) {
            transport.close(farewell.code(), farewell.text());
        }
        openSession().ifPresent(open -> {
            open.proceed();
            pump();
        });
    }

    private void yieldTurn() {
        yielding = true;
        context.vertx().setTimer(NEXT_TURN.toMillis(), id -> {
            yielding = false;
            receive(new byte[0]);
        });
    }

    private boolean isReading() {
        return state == State.GREETING
                || (state == State.OPEN && !yielding && session != null && !session.isFull() && outbox.hasRoom());
    }

    private void end(@Nullable EndReason reason) {
        if (!isClosed()) {
            enter(State.CLOSED);
            inflow.end();
            if (session != null) {
                session.end(reason);
            }
        }
    }

    private void enter(State next) {
        state = next;
        stateSince = SteadyClock.millis();
    }

    private static boolean isOver(long since, Duration limit) {
        return SteadyClock.millis() - since >= limit.toMillis();
    }
}
