package dev.herald.bus;

import dev.herald.lifecycle.Periodic;
import io.micrometer.core.instrument.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the other nodes that live answer on the bus. Who they are is told by somebody who does not know it from the
 * bus: a node that is cut off takes the others for dead.
 */
final class Probe {
    private static final Logger log = LoggerFactory.getLogger(Probe.class);

    private static final Duration INTERVAL = Duration.ofSeconds(2);

    /** One unanswered question may have met a long garbage collection. */
    private static final int MISSES = 2;

    private final Function<Long, Future<?>> ping;
    private final Runnable onCut;
    private final Map<Long, Integer> misses = new ConcurrentHashMap<>();
    private @Nullable Periodic asking;

    /**
     * @param ping a node's answer, or a failure soon
     * @param onCut told when one more node does not answer
     */
    Probe(Function<Long, Future<?>> ping, Runnable onCut) {
        this.ping = ping;
        this.onCut = onCut;
    }

    /** Always from one context, on which the nodes are asked. */
    void expect(Vertx vertx, Set<Long> incarnations) {
        if (asking == null && !incarnations.isEmpty()) {
            Metrics.gauge("herald.bus.peers.unreachable", this, probe -> probe.unreachable()
                    .size());
            asking = Periodic.start(vertx, "bus probe", INTERVAL, this::ask);
        }
        misses.keySet().retainAll(incarnations);
        incarnations.forEach(incarnation -> misses.putIfAbsent(incarnation, 0));
    }

    /** Incarnations of those that do not answer. */
    Set<Long> unreachable() {
        return misses.entrySet().stream()
                .filter(node -> node.getValue() >= MISSES)
                .map(Map.Entry::getKey)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Future<?> ask() {
        return Future.join(misses.keySet().stream().map(this::ask).toList());
    }

    private Future<?> ask(long incarnation) {
        return ping.apply(incarnation).transform(answer -> {
            Integer missed = misses.computeIfPresent(
                    incarnation, (node, before) -> answer.succeeded() ? 0 : Math.min(before, MISSES) + 1);
            if (missed != null && missed == MISSES) {
                log.atWarn().addKeyValue("node", incarnation).log("lives but does not answer on the bus");
                onCut.run();
            }
            return Future.succeededFuture();
        });
    }
}
