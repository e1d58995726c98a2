package dev.herald.webhook.post;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * As the machine resolves names, on threads of its own: a name server that does not answer holds up nobody but those who
 * ask for the same name, up to as many names as there are threads.
 */
public final class SystemNames implements Names {
    private static final int THREADS = 16;
    private static final Duration FRESH = Duration.ofSeconds(10);
    private static final int MOST = 1_000;

    private final WorkerExecutor threads;
    private final Cache<String, Future<List<InetAddress>>> known =
            Caffeine.newBuilder().expireAfterWrite(FRESH).maximumSize(MOST).build();

    public SystemNames(Vertx vertx) {
        this.threads = vertx.createSharedWorkerExecutor("webhook-names", THREADS);
    }

    @Override
    public Future<List<InetAddress>> resolve(String host) {
        return known.get(host, this::ask);
    }

    Future<Void> close() {
        return threads.close();
    }

    /** A failure is not kept. */
    private Future<List<InetAddress>> ask(String host) {
        return threads.executeBlocking(() -> List.of(InetAddress.getAllByName(host)), false)
                .map(found -> Objects.requireNonNull(found))
                .onFailure(cause -> known.invalidate(host));
    }
}
