package dev.herald.socket;

import dev.herald.socket.Admission.Later;
import java.util.Optional;

/** Lets connections in: those that the node admits, and none once it drains. */
final class Entrance {
    private final SocketContext context;
    private final Connections connections;
    private boolean closed;

    Entrance(SocketContext context, Connections connections) {
        this.context = context;
        this.connections = connections;
    }

    /** Empty if there is a place, which is then either {@link #enter}ed or {@link #leave}d. */
    Optional<Later> reserve() {
        Optional<Later> later =
                closed ? Optional.of(Admission.draining()) : context.admission().enter();
        later.ifPresent(refused -> context.meters().refused(refused.reason()));
        return later;
    }

    void enter(Transport transport) {
        connections.add(new Connection(transport, context), this::leave);
    }

    void leave() {
        context.admission().leave();
    }

    void close() {
        closed = true;
    }
}
