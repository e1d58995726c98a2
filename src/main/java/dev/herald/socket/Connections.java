package dev.herald.socket;

import dev.herald.lifecycle.SteadyClock;
import dev.herald.socket.transport.Entrance;
import dev.herald.socket.transport.Transport;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connections of one instance: who is let in, one tick that looks after all of them, and their end in batches. */
final class Connections implements Entrance {
    private static final Logger log = LoggerFactory.getLogger(Connections.class);

    /** Feeds that one tick sweeps: each may cost a read. */
    private static final int MAX_SWEEPS = 500;

    /** Between two batches, on the average. */
    private static final Duration DRAIN_PAUSE = Duration.ofMillis(20);

    private final SocketContext context;
    private final Set<Connection> live = new HashSet<>();
    private final Random random = new Random();
    private final Supplier<Duration> sweepInterval;
    private @Nullable Promise<Void> drained;

    /** @param sweepInterval mean time between two sweeps of one feed */
    Connections(SocketContext context, Supplier<Duration> sweepInterval) {
        this.context = context;
        this.sweepInterval = sweepInterval;
    }

    /** Those that the node admits, and none once it drains. */
    @Override
    public Optional<Later> reserve() {
        Optional<Later> later = drained == null ? context.admission().enter() : Optional.of(Admission.draining());
        later.ifPresent(refused -> context.meters().refused(refused.reason()));
        return later;
    }

    @Override
    public void enter(Transport transport) {
        Connection connection = new Connection(transport, context);
        live.add(connection);
        connection.start(() -> {
            live.remove(connection);
            leave();
            if (drained != null && live.isEmpty()) {
                drained.tryComplete();
            }
        });
    }

    @Override
    public void leave() {
        context.admission().leave();
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

    /** Lets nobody in, closes all, one batch after another at uneven times, and answers when they are gone. */
    Future<Void> drain(Duration within) {
        Promise<Void> gone = Promise.promise();
        drained = gone;
        if (live.isEmpty()) {
            gone.complete();
        }
        long end = SteadyClock.millis() + within.toMillis();
        return drain(new ArrayDeque<>(live), end).compose(v -> gone.future());
    }

    private boolean sweep(Session session) {
        long interval = sweepInterval.get().toMillis();
        return session.sweepAfter(interval / 2 + random.nextLong(interval + 1));
    }

    private Future<Void> drain(Queue<Connection> left, long end) {
        long pause = 1 + random.nextLong(2 * DRAIN_PAUSE.toMillis());
        long batches = Math.max(1, (end - SteadyClock.millis()) / pause);
        for (long i = Math.ceilDiv(left.size(), batches); i > 0; i--) {
            left.remove().close(Closing.drained());
        }
        return left.isEmpty()
                ? Future.succeededFuture()
                : context.vertx().timer(pause, TimeUnit.MILLISECONDS).compose(v -> drain(left, end));
    }
}
