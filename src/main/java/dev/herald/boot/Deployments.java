package dev.herald.boot;

import dev.herald.api.ApiVerticle;
import dev.herald.bus.Bus;
import dev.herald.config.HeraldConfig;
import dev.herald.fanout.FanoutVerticle;
import dev.herald.history.HistoryVerticle;
import dev.herald.messaging.MessageVerticle;
import dev.herald.ops.OpsVerticle;
import dev.herald.ops.Readiness;
import dev.herald.postgres.PgClients;
import dev.herald.presence.PresenceVerticle;
import dev.herald.presence.StatusVerticle;
import dev.herald.socket.SocketVerticle;
import dev.herald.webhook.WebhookVerticle;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.VertxOptions;
import java.util.List;

/** Which verticles a node runs, in the order of their start; they stop in reverse. */
final class Deployments {
    private static final int ONE = 1;
    private static final int PER_EVENT_LOOP = VertxOptions.DEFAULT_EVENT_LOOP_POOL_SIZE;

    private Deployments() {}

    /**
     * What the verticles of a node are made of.
     *
     * @param requests what the HTTP API goes to PostgreSQL by
     */
    record Parts(
            HeraldConfig config,
            Bus bus,
            PgClients postgres,
            PgClients requests,
            long incarnation,
            PrometheusMeterRegistry metrics,
            Readiness readiness) {}

    /** Ops comes first, so that a start can be watched; what the outside uses comes last, and first of all is told to go elsewhere. */
    static List<Deployment> of(Parts node) {
        HeraldConfig config = node.config();
        Bus bus = node.bus();
        PgClients pg = node.postgres();
        long incarnation = node.incarnation();
        return List.of(
                new Deployment("ops", () -> new OpsVerticle(config, bus, pg, node.metrics(), node.readiness()), ONE),
                new Deployment("webhook", () -> new WebhookVerticle(config, bus, pg, incarnation), ONE),
                new Deployment(
                        "presence",
                        () -> new PresenceVerticle(config, bus, pg, incarnation, Metrics.globalRegistry),
                        ONE),
                new Deployment("status", () -> new StatusVerticle(config, bus, pg), ONE),
                new Deployment("fanout", () -> new FanoutVerticle(config, bus, pg, incarnation), ONE),
                new Deployment("history", () -> new HistoryVerticle(config, pg), ONE),
                new Deployment("messaging", () -> new MessageVerticle(config, bus, pg), ONE),
                new Deployment("api", () -> new ApiVerticle(config, bus, node.requests()), PER_EVENT_LOOP),
                new Deployment("socket", () -> new SocketVerticle(config, bus, pg, incarnation), PER_EVENT_LOOP));
    }
}
