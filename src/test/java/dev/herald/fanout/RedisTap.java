package dev.herald.fanout;

import dev.herald.it.Sql;
import dev.herald.redis.RedisScript;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A wire to Redis that lets so many runs of a script through, then holds what follows either way until it is opened. */
final class RedisTap implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final NetClient client = vertx.createNetClient();
    private final URI redis;
    private final String word;
    private final NetServer server;
    private final Buffer heldRequests = Buffer.buffer();
    private final Buffer heldAnswers = Buffer.buffer();
    private @Nullable NetSocket near;
    private @Nullable NetSocket far;
    private int left;
    private volatile boolean holding;

    RedisTap(String redisUrl, RedisScript script, int runs) {
        redis = URI.create(redisUrl);
        word = "$40\r\n" + script.sha();
        left = runs;
        server = vertx.createNetServer().connectHandler(this::connect);
        context.runOnContext(go -> server.listen(0, "127.0.0.1"));
        Awaitility.await().until(() -> server.actualPort() > 0);
    }

    String url() {
        return "redis://127.0.0.1:" + server.actualPort() + redis.getPath();
    }

    boolean isHolding() {
        return holding;
    }

    /** What was held arrives, in its order, and all that follows. */
    void open() {
        context.runOnContext(go -> {
            left = Integer.MAX_VALUE;
            holding = false;
            if (near != null && far != null) {
                far.write(heldRequests);
                near.write(heldAnswers);
            }
        });
    }

    @Override
    public void close() {
        Sql.await(vertx.close());
    }

    private void connect(NetSocket from) {
        from.pause();
        client.connect(redis.getPort(), redis.getHost())
                .onFailure(cause -> from.close())
                .onSuccess(to -> {
                    near = from;
                    far = to;
                    from.handler(this::request);
                    from.closeHandler(closed -> to.close());
                    to.handler(answer -> {
                        if (holding) {
                            heldAnswers.appendBuffer(answer);
                        } else {
                            from.write(answer);
                        }
                    });
                    to.closeHandler(closed -> from.close());
                    from.resume();
                });
    }

    private void request(Buffer request) {
        int through = holding ? 0 : lengthThrough(request.toString(StandardCharsets.ISO_8859_1));
        if (far != null) {
            far.write(request.slice(0, through));
        }
        heldRequests.appendBuffer(request.slice(through, request.length()));
    }

    private int lengthThrough(String text) {
        int at = text.indexOf(word);
        while (at >= 0) {
            if (left == 0) {
                holding = true;
                return text.lastIndexOf('*', at);
            }
            left--;
            at = text.indexOf(word, at + 1);
        }
        return text.length();
    }
}
