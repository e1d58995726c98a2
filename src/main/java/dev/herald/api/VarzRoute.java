package dev.herald.api;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.SocketMessage.ConnectionList;
import dev.herald.bus.message.SocketMessage.ListConnections;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/**
 * What this node is and how it does, in WuKongIM's names as far as they mean something here; the figures for operators
 * are the metrics.
 */
final class VarzRoute {
    private static final ListConnections TOTAL = new ListConnections("", 0, 0);

    private final Bus bus;
    private final ClientAddresses addresses;

    VarzRoute(Bus bus, ClientAddresses addresses) {
        this.bus = bus;
        this.addresses = addresses;
    }

    void mount(Router router, Calls calls) {
        router.get("/varz").handler(calls.asking(this::varz));
    }

    private Future<Reply> varz(Call call) {
        return bus.request(Addresses.SOCKETS_LIST, TOTAL)
                .map(list -> Reply.bare(figures(list).mergeIn(addresses.outside(call.reached()))));
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
                "mem", runtime.totalMemory() - runtime.freeMemory());
    }
}
