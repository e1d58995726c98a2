package dev.herald.api.presence;

import dev.herald.api.event.ChangeWaits;
import dev.herald.api.http.Routes;
import dev.herald.bus.Bus;
import dev.herald.eventlog.EventFeed;
import dev.herald.postgres.PgClients;

/** Who is online, and who wants to know. */
public final class PresenceApi {
    private PresenceApi() {}

    public static void mount(Routes routes, EventFeed feed, ChangeWaits waits, Bus bus, PgClients pg) {
        new PresenceRoutes(bus, feed, waits).mount(routes);
        new SnapshotRoute(pg.statements()).mount(routes);
        new DigestRoutes(pg.transactions()).mount(routes);
        new PriorityRoutes(bus, pg.transactions()).mount(routes);
        new WatchRoutes(bus, pg).mount(routes);
        new DriftRoute(pg.statements()).mount(routes);
    }
}
