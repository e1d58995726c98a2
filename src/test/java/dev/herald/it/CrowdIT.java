package dev.herald.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.model.Reason;
import dev.herald.wire.Frame;
import dev.herald.wire.json.JsonClientCodec;
import io.vertx.core.Vertx;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * More clients at once than a node lets in: each is told "later" and nothing else, and all of them get in. A node that ends in
 * order sends them to the other one by one.
 */
@Timeout(300)
class CrowdIT {
    private static final int CLIENTS = 1_000;
    private static final int RATE = 250;
    private static final int TRY_LATER = 1013;
    private static final int COME_BACK = 1012;

    /** Sockets that a draining node closes a second, as docs/operations.md says; a machine that stalls makes up for it. */
    private static final int DRAIN_RATE = 500;

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
    private final List<Long> sentAway = new CopyOnWriteArrayList<>();
    private final List<Long> admittedAt = new CopyOnWriteArrayList<>();
    private volatile boolean away;
    private volatile URI to;

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        Sql.await(vertx.close());
    }

    @Test
    void all_get_in_and_again_after_a_crash_and_move_at_a_bounded_rate_when_a_node_is_drained() {
        Map<String, String> settings = Map.of(
                "HERALD_POSTGRES_URL",
                Stores.freshPostgresApart(),
                "HERALD_REDIS_URL",
                Stores.freshRedis(),
                "HERALD_WS_CONNECT_RATE",
                Integer.toString(RATE));
        try (HeraldProcess herald = HeraldProcess.start(made("first"), settings)) {
            to = URI.create(herald.ws());
            for (int i = 0; i < CLIENTS; i++) {
                come("u" + i);
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
            try (HeraldProcess other = HeraldProcess.start(made("other"), settings)) {
                move(herald, other);
            }
        }
        client.close();
    }

    private void move(HeraldProcess from, HeraldProcess other) {
        to = URI.create(other.ws());
        admittedAt.clear();
        assertThat(from.terminate()).as("exit code").isZero();
        awaitAll();

        assertThat(sentAway).as("told to come back").hasSize(CLIENTS);
        assertThat(Collections.max(sentAway) - Collections.min(sentAway))
                .as("the time that it takes at that rate")
                .isGreaterThan(TimeUnit.SECONDS.toMillis(CLIENTS) / DRAIN_RATE / 2);
        assertThat(pauses(sentAway)).as("uneven pauses between many batches").hasSizeGreaterThan(10);
        assertThat(admittedAt).hasSize(CLIENTS);
        // A second's worth at once, and then as many each second.
        assertThat(most(admittedAt, 1_000)).as("let in within one second").isLessThanOrEqualTo(3 * RATE);
    }

    /** Most of them within any such time. */
    private static long most(List<Long> times, long millis) {
        return times.stream()
                .mapToLong(begin -> times.stream()
                        .filter(time -> time >= begin && time < begin + millis)
                        .count())
                .max()
                .orElseThrow();
    }

    /** The different times that passed from one to the next. */
    private static Set<Long> pauses(List<Long> times) {
        List<Long> sorted = times.stream().sorted().toList();
        return IntStream.range(1, sorted.size())
                .mapToObj(i -> sorted.get(i) - sorted.get(i - 1))
                .filter(pause -> pause > 0)
                .collect(Collectors.toSet());
    }

    private Path made(String name) {
        try {
            return Files.createDirectories(folder.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitAll() {
        await().atMost(PATIENCE).failFast(() -> assertThat(errors).isEmpty()).until(() -> inside.get() == CLIENTS);
    }

    private void come(String uid) {
        tries.incrementAndGet();
        client.connect(to.getPort(), to.getHost(), "/")
                .onSuccess(socket -> login(uid, socket))
                .onFailure(cause -> refused(uid, cause));
    }

    private void login(String uid, WebSocket socket) {
        JsonClientCodec codec = new JsonClientCodec();
        int[] admitted = {0};
        socket.textMessageHandler(text -> {
            if (codec.decode(text.getBytes(StandardCharsets.UTF_8)) instanceof Frame.ConnAck ack
                    && ack.reasonCode() == Reason.SUCCESS.code()) {
                admitted[0] = 1;
                admittedAt.add(System.currentTimeMillis());
                inside.incrementAndGet();
            }
        });
        socket.exceptionHandler(cause -> {});
        socket.closeHandler(end -> {
            inside.addAndGet(-admitted[0]);
            String reason = String.valueOf(socket.closeReason());
            Matcher seconds = SECONDS.matcher(reason);
            if (socket.closeStatusCode() != null && socket.closeStatusCode() == TRY_LATER) {
                again(uid, seconds.find() ? Long.parseLong(seconds.group(1)) * 1_000 : SOME_TIME_MILLIS);
            } else if (socket.closeStatusCode() != null && socket.closeStatusCode() == COME_BACK) {
                sentAway.add(System.currentTimeMillis());
                come(uid);
            } else if (away) {
                again(uid, 1);
            } else {
                errors.add(uid + " was closed: " + socket.closeStatusCode() + " " + reason);
            }
        });
        socket.writeTextMessage(
                new String(codec.encode(new Frame.Connect(5, 1, uid, uid, "", 0, "")), StandardCharsets.UTF_8));
    }

    private void refused(String uid, Throwable cause) {
        if (cause instanceof UpgradeRejectedException rejected && rejected.getStatus() == 503) {
            again(uid, Long.parseLong(rejected.getHeaders().get("Retry-After")) * 1_000);
        } else if (away) {
            again(uid, 500);
        } else {
            errors.add(uid + " could not come: " + cause);
        }
    }

    private void again(String uid, long millis) {
        later.incrementAndGet();
        vertx.setTimer(millis, timer -> come(uid));
    }
}
