package dev.herald.socket;

import dev.herald.failure.Failure;

/** Lets connections in: as many as the node may hold over all its ports, and none once it drains. */
final class Entrance {
    private final SocketContext context;
    private final Connections connections;
    private boolean closed;

    Entrance(SocketContext context, Connections connections) {
        this.context = context;
        this.connections = connections;
    }

    /** Takes a place, which is either {@link #enter}ed or {@link #leave}d; false if there is none. */
    boolean reserve() {
        if (!closed && context.counts().connect(context.config().maxConnections())) {
            return true;
        }
        context.meters().refused(closed ? Failure.UNAVAILABLE : Failure.OVERLOADED);
        return false;
    }

    void enter(Transport transport) {
        connections.add(new Connection(transport, context), this::leave);
    }

    void leave() {
        context.counts().disconnect();
    }

    void close() {
        closed = true;
    }
}
