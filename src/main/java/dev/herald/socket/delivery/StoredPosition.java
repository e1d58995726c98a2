package dev.herald.socket.delivery;

/** How far a device has acknowledged its inbox, and how far that is stored: by one request at a time, with the newest. */
final class StoredPosition {
    private final CommandFeed.Port port;
    private long reached;
    private long stored;
    private long underWay;
    private boolean storing;
    private boolean held;
    private boolean closed;

    StoredPosition(CommandFeed.Port port) {
        this.port = port;
    }

    /** Up to there it is acknowledged, whoever said so. */
    void startFrom(long position) {
        reached = position;
        stored = position;
    }

    long reached() {
        return reached;
    }

    long stored() {
        return stored;
    }

    void reach(long position) {
        reached = position;
        store();
    }

    /** Called again and again it repeats what failed. */
    void store() {
        if (storing || held || closed || reached <= stored) {
            return;
        }
        storing = true;
        underWay = reached;
        port.acknowledge(underWay).onComplete(done -> {
            storing = false;
            if (done.succeeded()) {
                stored = Math.max(stored, underWay);
                store();
            }
        });
    }

    /** The device is told something first, for whose acknowledgement a position would pass. */
    void hold() {
        held = true;
    }

    boolean isHeld() {
        return held;
    }

    /** It has acknowledged that. */
    void release() {
        held = false;
        port.acknowledge(reached);
    }

    /** What the device has told is stored, also behind a position that is on its way. */
    void close() {
        closed = true;
        if (!held && reached > (storing ? underWay : stored)) {
            port.acknowledge(reached);
        }
    }
}
