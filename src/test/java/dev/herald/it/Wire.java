package dev.herald.it;

import static dev.herald.it.Sql.await;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A TCP wire to a server on loopback that can swallow the answers and be cut. */
public final class Wire implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx();
    private final List<NetSocket> ends = new CopyOnWriteArrayList<>();
    private final NetServer server;
    private volatile @Nullable String trigger;
    private volatile boolean swallowing;
    private volatile boolean refusing;

    public Wire(int targetPort) {
        var client = vertx.createNetClient();
        server = await(vertx.createNetServer()
                .connectHandler(near -> {
                    if (refusing) {
                        near.close();
                        return;
                    }
                    near.pause();
                    client.connect(targetPort, "127.0.0.1")
                            .onSuccess(far -> join(near, far))
                            .onFailure(cause -> near.close());
                })
                .listen(0, "127.0.0.1"));
    }

    public int port() {
        return server.actualPort();
    }

    /** From the first request with this word on, requests arrive and their answers do not. */
    public void swallowAnswersFrom(String word) {
        trigger = word;
    }

    /** Whether that request has come. */
    public boolean isSwallowing() {
        return swallowing;
    }

    /** Cuts what is connected; who connects again finds the wire whole. */
    public void cut() {
        List<NetSocket> cut = new ArrayList<>(ends);
        ends.clear();
        trigger = null;
        swallowing = false;
        cut.forEach(NetSocket::close);
    }

    /** Cuts what is connected, and whatever connects until it is mended. */
    public void refuse() {
        refusing = true;
        cut();
    }

    public void mend() {
        refusing = false;
    }

    @Override
    public void close() {
        await(vertx.close());
    }

    private void join(NetSocket near, NetSocket far) {
        ends.add(near);
        near.handler(request -> {
            String word = trigger;
            swallowing |= word != null
                    && request.toString(StandardCharsets.ISO_8859_1).contains(word);
            far.write(request);
        });
        near.closeHandler(closed -> far.close());
        far.handler(answer -> {
            if (!swallowing) {
                near.write(answer);
            }
        });
        far.closeHandler(closed -> near.close());
        near.resume();
    }
}
