package dev.herald.boot;

import dev.herald.cluster.Membership;
import dev.herald.config.HeraldConfig;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.micrometer.Label;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How this node's Vert.x is made. */
final class NodeVertx {
    private static final Logger log = LoggerFactory.getLogger(NodeVertx.class);

    /** Few values each: never a path or a peer, of which there is no end. */
    private static final Set<Label> LABELS = EnumSet.of(
            Label.LOCAL,
            Label.HTTP_METHOD,
            Label.HTTP_CODE,
            Label.HTTP_ROUTE,
            Label.POOL_TYPE,
            Label.POOL_NAME,
            Label.EB_ADDRESS);

    private NodeVertx() {}

    /** @param clusterName of the nodes to join, if any */
    static Vertx create(MeterRegistry metrics, HeraldConfig.Cluster cluster, Optional<String> clusterName) {
        VertxOptions options = new VertxOptions()
                .setPreferNativeTransport(true)
                .setEventBusOptions(Membership.bus(cluster))
                .setMetricsOptions(
                        new MicrometerMetricsOptions().setEnabled(true).setLabels(LABELS));
        VertxBuilder builder = Vertx.builder().with(options).withMetrics(new MicrometerMetricsFactory(metrics));
        Vertx vertx = clusterName
                .map(name -> builder.withClusterManager(Membership.of(cluster, name))
                        .buildClustered()
                        .await())
                .orElseGet(builder::build);
        vertx.exceptionHandler(cause -> log.error("nobody handled a failure", cause));
        log.info("native transport={}", vertx.isNativeTransportEnabled());
        return vertx;
    }
}
