package dev.herald.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.model.Reason;
import dev.herald.wire.Frame;
import dev.herald.wire.JsonClientCodec;
import io.vertx.core.Vertx;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** More clients at once than a node lets in: each is told "later" and nothing else, and all of them get in. */
@OwnProcesses
@Timeout(300)
class CrowdIT {
    private static final int CLIENTS = 2_000;
    private static final int RATE = 250;
    private static final int TRY_LATER = 1013;

    /** A store or this machine was slow: told without a time. */
    private static final long SOME_TIME_MILLIS = 2_000;

    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final Pattern SECONDS = Pattern.compile("come back in (\\d+) s");

    private final Vertx vertx = Vertx.vertx();
    private final WebSocketClient client =
            vertx.createWebSocketClient(new WebSocketClientOptions().setMaxConnections(CLIENTS));
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger tries = new AtomicInteger();
    private final AtomicInteger later = new AtomicInteger();
    private final List<String> errors = new CopyOnWriteArrayList<>();
    private volatile boolean away;

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        Sql.await(vertx.close());
    }

    @Test
    void all_get_in_and_again_after_a_crash() {
        try (HeraldProcess herald = HeraldProcess.start(
                folder,
                Map.of(
                        "HERALD_POSTGRES_URL",
                        Stores.freshPostgres(),
                        "HERALD_REDIS_URL",
                        Stores.freshRedis(),
                        "HERALD_WS_CONNECT_RATE",
                        Integer.toString(RATE)))) {
            URI to = URI.create(herald.ws());
            for (int i = 0; i < CLIENTS; i++) {
                come(to, "u" + i);
            }
            awaitAll();
            assertThat(later).hasPositiveValue();
            assertThat(tries)
                    .as("tries of those who come when they are told to")
                    .hasValueLessThan(4 * CLIENTS);
            assertThat(herald.get(herald.management() + "/metrics").body())
                    .contains("herald_connects_refused_total{reason=\"connect-rate\"}");
            away = true;
            herald.kill();
            herald.start();
            awaitAll();
            away = false;
        }
        client.close();
    }

    private void awaitAll() {
        await().atMost(PATIENCE).failFast(() -> assertThat(errors).isEmpty()).until(() -> inside.get() == CLIENTS);
    }

    private void come(URI to, String uid) {
        tries.incrementAndGet();
        client.connect(to.getPort(), to.getHost(), "/")
                .onSuccess(socket -> login(to, uid, socket))
                .onFailure(cause -> refused(to, uid, cause));
    }

    private void login(URI to, String uid, WebSocket socket) {
        JsonClientCodec codec = new JsonClientCodec();
        int[] admitted = {0};
        socket.textMessageHandler(text -> {
            if (codec.decode(text.getBytes(StandardCharsets.UTF_8)) instanceof Frame.ConnAck ack
                    && ack.reasonCode() == Reason.SUCCESS.code()) {
                admitted[0] = 1;
                inside.incrementAndGet();
            }
        });
        socket.exceptionHandler(cause -> {});
        socket.closeHandler(end -> {
            inside.addAndGet(-admitted[0]);
            String reason = String.valueOf(socket.closeReason());
            Matcher seconds = SECONDS.matcher(reason);
            if (socket.closeStatusCode() != null && socket.closeStatusCode() == TRY_LATER) {
                again(to, uid, seconds.find() ? Long.parseLong(seconds.group(1)) * 1_000 : SOME_TIME_MILLIS);
            } else if (away) {
                again(to, uid, 1);
            } else {
                errors.add(uid + " was closed: " + socket.closeStatusCode() + " " + reason);
            }
        });
        socket.writeTextMessage(
                new String(codec.encode(new Frame.Connect(5, 1, uid, uid, "", 0, "")), StandardCharsets.UTF_8));
    }

    private void refused(URI to, String uid, Throwable cause) {
        if (cause instanceof UpgradeRejectedException rejected && rejected.getStatus() == 503) {
            again(to, uid, Long.parseLong(rejected.getHeaders().get("Retry-After")) * 1_000);
        } else if (away) {
            again(to, uid, 500);
        } else {
            errors.add(uid + " could not come: " + cause);
        }
    }

    private void again(URI to, String uid, long millis) {
        later.incrementAndGet();
        vertx.setTimer(millis, timer -> come(to, uid));
    }
}
