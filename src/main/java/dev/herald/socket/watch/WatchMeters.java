package dev.herald.socket.watch;

import dev.herald.lifecycle.NodeLocal;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.shareddata.Shareable;
import java.util.concurrent.atomic.LongAdder;

/** What operators see of watching, as docs/metrics-socket.md lists it: the instances of a node count together. */
final class WatchMeters {
    private final MeterRegistry registry;
    private final LongAdder pairs;
    private final Gauge watched;
    private final Counter told;

    private record Watched(LongAdder pairs) implements Shareable {}

    WatchMeters(Vertx vertx, MeterRegistry registry) {
        this.registry = registry;
        pairs = NodeLocal.of(vertx, Watched.class, () -> new Watched(new LongAdder()))
                .pairs();
        watched = Gauge.builder("herald.watch.users", pairs, LongAdder::sum).register(registry);
        told = registry.counter("herald.watch.told");
    }

    /** @param change of the users that are watched, each as often as it is */
    void watched(int change) {
        pairs.add(change);
    }

    void told() {
        told.increment();
    }

    void refused(String reason) {
        registry.counter("herald.watch.refused", "reason", reason).increment();
    }

    /** The gauge ends with what it shows; counters stay what they were. */
    void close() {
        registry.remove(watched);
    }
}
