package dev.herald.api.event;

import dev.herald.api.http.Routes;
import dev.herald.eventlog.EventContents;
import dev.herald.eventlog.EventFeed;
import dev.herald.postgres.PgClients;

/** The log of events, and what its events look like. */
public final class EventApi {
    private EventApi() {}

    public static void mount(Routes routes, EventFeed feed, ChangeWaits waits, PgClients pg) {
        new EventRoutes(feed, new EventContents(pg.statements()), waits).mount(routes);
        EventSchemas.mount(routes);
    }
}
