package dev.herald.boot;

import dev.herald.bus.Bus;
import dev.herald.config.HeraldConfig;
import dev.herald.ops.OpsVerticle;
import dev.herald.ops.Readiness;
import dev.herald.postgres.PgClients;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;

/** Which verticles a node runs, in the order of their start; they stop in reverse. */
final class Deployments {
    private static final int ONE = 1;

    private Deployments() {}

    /** What the verticles of a node are made of. */
    record Parts(
            HeraldConfig config,
            Bus bus,
            PgClients postgres,
            long incarnation,
            PrometheusMeterRegistry metrics,
            Readiness readiness) {}

    /** Ops comes first, so that a start can be watched; what the outside uses comes last. */
    static List<Deployment> of(Parts node) {
        return List.of(new Deployment(
                "ops",
                () -> new OpsVerticle(node.config(), node.bus(), node.postgres(), node.metrics(), node.readiness()),
                ONE));
    }
}
