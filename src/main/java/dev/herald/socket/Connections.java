package dev.herald.socket;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connections of one instance: one tick looks after all of them, and in the end they are closed in batches. */
final class Connections {
    private static final Logger log = LoggerFactory.getLogger(Connections.class);

    /** Feeds that one tick sweeps: each may cost a read. */
    private static final int MAX_SWEEPS = 500;

    /** Between two batches, on the average. */
    private static final Duration DRAIN_PAUSE = Duration.ofMillis(20);

    private final Set<Connection> live = new HashSet<>();
    private final Random random = new Random();
    private final Supplier<Duration> sweepInterval;
    private @Nullable Promise<Void> empty;

    /** @param sweepInterval mean time between two sweeps of one feed */
    Connections(Supplier<Duration> sweepInterval) {
        this.sweepInterval = sweepInterval;
    }

    /** @param onGone told when the connection is closed for good */
    void add(Connection connection, Runnable onGone) {
        live.add(connection);
        connection.start(() -> {
            live.remove(connection);
            onGone.run();
            if (empty != null && live.isEmpty()) {
                empty.tryComplete();
            }
        });
    }

    void tick() {
        int sweeps = 0;
        for (Connection connection : List.copyOf(live)) {
            try {
                connection.tick();
                if (sweeps < MAX_SWEEPS
                        && connection.openSession().filter(this::sweep).isPresent()) {
                    sweeps++;
                }
            } catch (RuntimeException e) {
                log.error("a connection's tick failed", e);
            }
        }
    }

    /** Closes all, one batch after another at uneven times, and answers when they are gone. */
    Future<Void> drain(Vertx vertx, Duration within) {
        Promise<Void> gone = Promise.promise();
        empty = gone;
        if (live.isEmpty()) {
            gone.complete();
        }
        long end = SocketContext.now() + within.toMillis();
        return drain(vertx, new ArrayDeque<>(live), end).compose(v -> gone.future());
    }

    private boolean sweep(Session session) {
        long interval = sweepInterval.get().toMillis();
        return session.sweepAfter(interval / 2 + random.nextLong(interval + 1));
    }

    private Future<Void> drain(Vertx vertx, Queue<Connection> left, long end) {
        long pause = 1 + random.nextLong(2 * DRAIN_PAUSE.toMillis());
        long batches = Math.max(1, (end - SocketContext.now()) / pause);
        for (long i = Math.ceilDiv(left.size(), batches); i > 0; i--) {
            left.remove().close(Closing.drained());
        }
        return left.isEmpty()
                ? Future.succeededFuture()
                : vertx.timer(pause, TimeUnit.MILLISECONDS).compose(v -> drain(vertx, left, end));
    }
}
