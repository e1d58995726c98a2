package dev.herald.api.operator;

import dev.herald.api.http.Call;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.api.user.ClientAddresses;
import dev.herald.api.user.Elapsed;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.SocketMessage.ConnectionList;
import dev.herald.bus.message.SocketMessage.ListConnections;
import dev.herald.config.HeraldConfig;
import dev.herald.failure.HeraldException;
import io.micrometer.core.instrument.Metrics;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/**
 * What this node is and how it does, in WuKongIM's names as far as they mean something here; the figures for operators
 * are the metrics.
 */
final class VarzRoute {
    /** Of what WuKongIM can switch on or off here, Herald has the metrics only, and always. */
    private static final JsonObject SETTING =
            JsonObject.of("logger", JsonObject.of("trace_on", 0, "loki_on", 0), "prometheus_on", 1, "stress_on", 0);

    private final Bus bus;
    private final HeraldConfig config;

    VarzRoute(Bus bus, HeraldConfig config) {
        this.bus = bus;
        this.config = config;
    }

    void mount(Routes routes) {
        routes.get("/varz", this::varz);
        routes.get("/varz/setting", call -> Future.succeededFuture(Reply.bare(SETTING)));
    }

    /** Other nodes are asked themselves: WuKongIM hands the question on. */
    private Future<Reply> varz(Call call) {
        long node = call.readQuery(fields -> fields.number("node_id", 1, Long.MAX_VALUE, bus.incarnation()));
        if (node != bus.incarnation()) {
            throw HeraldException.invalid("node_id", "must be that of this node, " + bus.incarnation());
        }
        return bus.request(Addresses.SOCKETS_LIST, ListConnections.TOTAL)
                .map(list -> Reply.bare(figures(list).mergeIn(places(call.reached()))));
    }

    /** A thread is what comes nearest to a goroutine, and the heap to the memory that Go's runtime tells of. */
    private JsonObject figures(ConnectionList connections) {
        Runtime runtime = Runtime.getRuntime();
        return JsonObject.of(
                "server_id", Long.toString(bus.incarnation()),
                "server_name", "Herald",
                "connections", connections.total(),
                "uptime",
                        Elapsed.text(Duration.ofMillis(
                                ManagementFactory.getRuntimeMXBean().getUptime())),
                "goroutine", ManagementFactory.getThreadMXBean().getThreadCount(),
                "mem", runtime.totalMemory() - runtime.freeMemory(),
                "slow_clients",
                        (long) Metrics.globalRegistry
                                .counter("herald.slow.readers")
                                .count());
    }

    private JsonObject places(String reached) {
        return new ClientAddresses(config)
                .outside(reached)
                .put("manager_addr", ":" + config.management().port())
                .put("manager_on", 1)
                .put("manager_token_on", Reply.bit(config.api().token().isPresent()));
    }
}
