package dev.herald.socket;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.PresenceMessage.EndReason;
import dev.herald.bus.message.PresenceMessage.EndSession;
import dev.herald.bus.message.PresenceMessage.OpenSession;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.bus.message.SocketMessage.ConnectionRow;
import dev.herald.lifecycle.Fence;
import dev.herald.lifecycle.SteadyClock;
import dev.herald.model.Command;
import dev.herald.model.Expiry;
import dev.herald.model.Reason;
import dev.herald.socket.delivery.SessionDelivery;
import dev.herald.socket.send.SessionSends;
import dev.herald.socket.watch.SessionWatch;
import dev.herald.wire.Frame;
import io.vertx.core.Future;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A client that has proved who it is: what it sends, and what it is sent. */
final class Session {
    private static final Logger log = LoggerFactory.getLogger(Session.class);

    private static final long UNPLANNED = Long.MIN_VALUE;

    private final SessionInfo info;
    private final Bus bus;
    private final SocketContext context;
    private final Connection connection;
    private final long since = Instant.now().getEpochSecond();
    private final SessionSends sends;
    private final SessionDelivery delivery;
    private final SessionWatch watch;
    private @Nullable EndReason lateEnd;
    private boolean opening;
    private final Fence fence;
    private final long term;
    private long nextSweep = UNPLANNED;

    Session(SessionInfo info, Connection connection, SocketContext context) {
        this.info = info;
        this.bus = context.bus();
        this.context = context;
        this.fence = Fence.of(context.vertx());
        this.term = fence.term();
        this.connection = connection;
        this.sends = context.sends().of(info, connection::write, connection::pump);
        this.delivery = context.deliveries().to(info, connection);
        this.watch = context.watching().by(info.uid(), connection);
    }

    SessionInfo info() {
        return info;
    }

    /** True while so many SENDs are under way that no further frame is handled. */
    boolean isFull() {
        return sends.isFull();
    }

    /** Bytes of the payloads whose SENDs are not answered. */
    int sending() {
        return sends.bytes();
    }

    /** True if this process slept through its lease: the user may be told offline, or be elsewhere. */
    boolean isFenced() {
        return fence.term() != term;
    }

    /** Tells the registry; from now on the session must be ended, whatever the answer. */
    Future<Void> open() {
        opening = true;
        context.sessions().add(this);
        context.counts().openSessions.increment();
        return context.openings()
                .run(() -> bus.request(Addresses.SESSION_OPEN, new OpenSession(info)))
                .onComplete(done -> {
                    opening = false;
                    tellEnd(lateEnd);
                })
                .mapEmpty();
    }

    /** Called once; an end in the middle of the opening is told after it, so that it cannot overtake. */
    void end(@Nullable EndReason reason) {
        context.sessions().remove(this);
        context.counts().openSessions.decrement();
        delivery.close();
        watch.close();
        if (opening) {
            lateEnd = reason;
        } else {
            tellEnd(reason);
        }
    }

    /**
     * The client was told that its session is open.
     *
     * @param asks true if it can say itself whom it watches
     */
    void begin(boolean asks) {
        delivery.sweep();
        if (!asks) {
            watch.beginWithList();
        }
    }

    void handle(Frame frame) {
        switch (frame) {
            case Frame.Send send -> sends.take(send);
            case Frame.UnreadableSend bad -> sends.take(bad);
            case Frame.RecvAck ack -> delivery.acknowledge(ack.messageId());
            case Frame.Ping ping -> connection.write(new Frame.Pong());
            case Frame.Watch asked -> watch.ask(asked);
            case Frame.BadRequest bad -> connection.write(bad);
            default -> log.debug("ignored a frame: {}", frame.getClass().getSimpleName());
        }
    }

    /**
     * Lets the session look for what it was not woken for, if it is time.
     *
     * @param pauseMillis until the next time
     * @return true if it was time
     */
    boolean sweepAfter(long pauseMillis) {
        long now = SteadyClock.millis();
        if (now < nextSweep) {
            return false;
        }
        boolean due = nextSweep > UNPLANNED;
        nextSweep = now + pauseMillis;
        if (due) {
            delivery.sweep();
            watch.refresh();
        }
        return due;
    }

    /** True if it was there already at that time, or may have been. */
    boolean wasThere(long atSeconds) {
        return since <= atSeconds + Expiry.CLOCK_SKEW_SECONDS;
    }

    /** Not before CONNACK: a client takes nothing else first. */
    void push(Frame.Recv recv) {
        if (isWelcome()) {
            delivery.push(recv);
        }
    }

    /** A client that is behind is left out: by the gap in the events' sequence it knows what to ask for. */
    void tell(Frame.Event event) {
        if (isWelcome() && connection.takesEvents()) {
            connection.write(event);
        }
    }

    /** Sends again what has waited too long for its acknowledgement. */
    void redeliver() {
        delivery.redeliver();
    }

    /** The client has room again for what waits for it. */
    void proceed() {
        delivery.proceed();
        watch.settle();
    }

    void wake(Command command, long seq) {
        if (isWelcome()) {
            delivery.wake(command, seq);
        }
    }

    /** Reads on from where the client is; the next sweep is planned anew. */
    void replay() {
        nextSweep = UNPLANNED;
        if (isWelcome()) {
            delivery.sweep();
        }
    }

    /** The back end has changed whom the user watches. */
    void refreshWatch() {
        watch.refresh();
    }

    ConnectionRow row() {
        return connection.row(info);
    }

    /** Closes the connection of a session whose end the registry knows. */
    void kick(boolean silent, String text) {
        if (!silent) {
            connection.write(new Frame.Disconnect(Reason.CONNECT_KICK.code(), text));
        }
        connection.close(Closing.byRegistry(silent && !text.isEmpty(), text));
    }

    private void tellEnd(@Nullable EndReason reason) {
        if (reason != null) {
            bus.tell(Addresses.SESSION_END, new EndSession(info.id(), info.uid(), reason));
        }
    }

    private boolean isWelcome() {
        return connection.openSession().isPresent();
    }
}
