package dev.herald.socket;

import dev.herald.lifecycle.NodeLocal;
import io.vertx.core.Vertx;
import io.vertx.core.shareddata.Shareable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What the instances of the socket verticle on one node count together. */
final class NodeCounts implements Shareable {
    /** Of clients that have proved who they are. */
    final LongAdder openSessions = new LongAdder();

    /** That wait for their readers. */
    final LongAdder outboxBytes = new LongAdder();

    /** That came in and are not done with. */
    final LongAdder intakeBytes = new LongAdder();

    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicLong sessions = new AtomicLong();

    static NodeCounts of(Vertx vertx) {
        return NodeLocal.of(vertx, NodeCounts.class, NodeCounts::new);
    }

    /** Takes a place for one connection, unless {@code max} are taken. */
    boolean connect(int max) {
        if (connections.incrementAndGet() <= max) {
            return true;
        }
        connections.decrementAndGet();
        return false;
    }

    int connections() {
        return connections.get();
    }

    void disconnect() {
        connections.decrementAndGet();
    }

    /** Counts the sessions since the process began; no two have the same number. */
    long nextSession() {
        return sessions.incrementAndGet();
    }
}
