package dev.herald.it;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;

/**
 * A wire to a port of this machine from the same port of another loopback address. While it is cut nothing comes through
 * either way, no end of a connection either, and nobody is told; all of it arrives when it is mended.
 */
final class Relay {
    private final NetClient client;
    private final NetServer server;
    private final Context context;
    private final int port;
    private final Queue<Runnable> held = new ArrayDeque<>();
    private final Set<NetSocket> open = new HashSet<>();
    private boolean cut;
    private volatile boolean holds;

    Relay(Vertx vertx, String address, int port) {
        this.port = port;
        this.client = vertx.createNetClient();
        this.context = vertx.getOrCreateContext();
        this.server = vertx.createNetServer().connectHandler(this::accept);
        context.runOnContext(go -> server.listen(port, address));
    }

    void cut() {
        context.runOnContext(go -> cut = true);
    }

    void mend() {
        context.runOnContext(go -> {
            cut = false;
            while (!held.isEmpty()) {
                held.remove().run();
            }
        });
    }

    /** Breaks every connection, and what is held is lost. */
    void reset() {
        context.runOnContext(go -> {
            cut = false;
            held.clear();
            holds = false;
            Set.copyOf(open).forEach(NetSocket::close);
        });
    }

    /** Whether something waits for the mending. */
    boolean holds() {
        return holds;
    }

    private void accept(NetSocket near) {
        near.pause();
        pass(() -> connect(near));
    }

    private void connect(NetSocket near) {
        client.connect(port, "127.0.0.1").onFailure(cause -> near.close()).onSuccess(far -> {
            join(near, far);
            join(far, near);
            near.resume();
        });
    }

    private void join(NetSocket one, NetSocket other) {
        open.add(one);
        one.handler(bytes -> pass(() -> other.write(bytes)));
        one.closeHandler(closed -> {
            open.remove(one);
            pass(other::close);
        });
        one.exceptionHandler(cause -> {});
    }

    private void pass(Runnable event) {
        if (cut) {
            held.add(event);
            holds = true;
        } else {
            event.run();
        }
    }
}
