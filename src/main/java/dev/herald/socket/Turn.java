package dev.herald.socket;

import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;

/** One turn of an instance's event loop: whatever a socket is written in it is one call of the system at its end. */
final class Turn {
    private final Vertx vertx;
    private List<Outbox> written = new ArrayList<>();

    Turn(Vertx vertx) {
        this.vertx = vertx;
    }

    /** To be told to flush when the turn ends. */
    void written(Outbox outbox) {
        if (written.isEmpty()) {
            vertx.runOnContext(v -> flush());
        }
        written.add(outbox);
    }

    private void flush() {
        List<Outbox> all = written;
        written = new ArrayList<>();
        all.forEach(Outbox::flush);
    }
}
