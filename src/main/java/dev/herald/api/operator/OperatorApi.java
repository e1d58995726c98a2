package dev.herald.api.operator;

import dev.herald.api.http.Routes;
import dev.herald.bus.Bus;
import dev.herald.config.HeraldConfig;
import dev.herald.postgres.PgClients;

/** What operators see of nodes, and can have done. */
public final class OperatorApi {
    private OperatorApi() {}

    public static void mount(Routes routes, HeraldConfig config, Bus bus, PgClients pg) {
        new VarzRoute(bus, config).mount(routes);
        new AdminRoutes(bus, pg.statements()).mount(routes);
        new TraceRoute(bus, pg).mount(routes);
        new HealthRoutes(bus).mount(routes);
    }
}
