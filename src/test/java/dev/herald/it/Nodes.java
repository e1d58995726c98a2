package dev.herald.it;

import dev.herald.bus.Bus;
import dev.herald.cluster.Membership;
import dev.herald.config.ConfigLoader;
import dev.herald.config.HeraldConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Several Vert.x of this process in one cluster of their own, with the incarnations 1, 2, … Registered as an extension
 * of a class it starts before its tests and is closed after them: a class that is run once more has others.
 */
public final class Nodes implements AutoCloseable, BeforeAllCallback, AfterAllCallback {
    private final int count;
    private final List<Vertx> vertx = new ArrayList<>();
    private final List<Bus> buses = new ArrayList<>();

    private Nodes(int count) {
        this.count = count;
    }

    /** To be registered as an extension. */
    public static Nodes of(int count) {
        return new Nodes(count);
    }

    public static Nodes start(int count) {
        return of(count).start();
    }

    private Nodes start() {
        List<Integer> ports =
                IntStream.range(0, count).mapToObj(i -> Ports.free()).toList();
        String members = ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
        String name = UUID.randomUUID().toString();
        for (int port : ports) {
            HeraldConfig.Cluster cluster = ConfigLoader.load(
                            Map.of("cluster.port", Integer.toString(port), "cluster.members", members))
                    .cluster();
            Vertx joined = now(Vertx.builder()
                    .with(new VertxOptions().setEventBusOptions(Membership.bus(cluster)))
                    .withClusterManager(Membership.of(cluster, name))
                    .buildClustered());
            vertx.add(joined);
            buses.add(now(Bus.join(joined, vertx.size())));
        }
        return this;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        start();
    }

    /** @param incarnation from 1 */
    public Vertx vertx(int incarnation) {
        return vertx.get(incarnation - 1);
    }

    public Bus bus(int incarnation) {
        return buses.get(incarnation - 1);
    }

    /** From now on the others do not reach it. */
    public void cutOff(int incarnation) {
        now(vertx(incarnation).close());
    }

    @Override
    public void afterAll(ExtensionContext context) {
        close();
    }

    @Override
    public void close() {
        now(Future.join(vertx.stream().map(Vertx::close).toList()));
        vertx.clear();
        buses.clear();
    }

    static <T> T now(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(40, TimeUnit.SECONDS)
                .join();
    }
}
