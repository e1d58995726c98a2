package dev.herald.api.webhook;

import dev.herald.api.http.Routes;
import dev.herald.bus.Bus;
import dev.herald.config.HeraldConfig;
import dev.herald.endpoint.LazyVault;
import dev.herald.postgres.PgClients;
import io.vertx.core.Vertx;

/** The endpoints that events are posted to, and what came of it. */
public final class WebhookApi {
    private WebhookApi() {}

    public static void mount(Routes routes, Vertx vertx, HeraldConfig config, Bus bus, PgClients pg) {
        LazyVault vault = new LazyVault(vertx, config, pg.statements(), bus::isAlone);
        boolean secretIsConfigured =
                config.webhook().secret().or(config.webhook()::oldSecret).isPresent();
        new WebhookRoutes(vault, bus, pg, secretIsConfigured).mount(routes);
        new DeliveryRoutes(bus, pg).mount(routes);
    }
}
