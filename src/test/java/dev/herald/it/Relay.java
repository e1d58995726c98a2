package dev.herald.it;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
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

    /** What was held is lost, and every connection with it; new ones are as before. */
    void lose() {
        context.runOnContext(go -> {
            cut = false;
            held.clear();
            List.copyOf(open).forEach(NetSocket::close);
        });
    }

    private void accept(NetSocket near) {
        near.pause();
        open.add(near);
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
        } else {
            event.run();
        }
    }
}
