package dev.herald.presence.session;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.config.HeraldConfig;
import dev.herald.postgres.PgClients;
import dev.herald.presence.node.Node;
import dev.herald.presence.registry.SessionRegistry;
import dev.herald.presencelog.PresenceLog;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;

/** The sessions of this node, and all that looks after them. */
public record OwnSessions(
        Openings openings,
        Sessions sessions,
        Repairs repairs,
        Residents residents,
        Recent recent,
        Tiers tiers,
        EdgeLog edges,
        PresenceMeters meters) {

    public static OwnSessions of(
            Vertx vertx,
            Bus bus,
            PgClients pg,
            HeraldConfig.Presence config,
            Node node,
            SessionRegistry registry,
            MeterRegistry metrics) {
        PresenceMeters meters = new PresenceMeters(metrics);
        Tiers tiers = new Tiers(config);
        Residents residents = new Residents();
        Recent recent = new Recent(System::nanoTime);
        Holds holds = new Holds(System::nanoTime);
        Closings closings = new Closings(vertx, bus, node.lease().incarnation(), meters);
        Changes changes = new Changes(
                vertx,
                registry,
                node.list(),
                edges -> PresenceLog.record(pg.transactions(), edges, config.deviceEvents()),
                () -> tell(bus),
                closings,
                tiers,
                residents,
                recent,
                holds,
                meters);
        meters.gauge("herald.presence.recent", "Users changed lately, looked at again if Redis fails", recent::size);
        meters.gauge("herald.presence.edges.waiting", "Edges that wait to be recorded", changes.edges()::size);
        meters.gauge("herald.presence.held", "Users whose offline this node holds for a return", holds::size);
        meters.gauge("herald.presence.sessions", "Sessions of this node in the registry", residents::size);
        meters.gauge(
                "herald.presence.closings",
                "Questions to other nodes to close sockets, without answer",
                closings::size);
        return new OwnSessions(
                new Openings(changes, registry, residents),
                new Sessions(changes, registry, closings, residents, recent, holds),
                new Repairs(changes, registry, residents, holds),
                residents,
                recent,
                tiers,
                changes.edges(),
                meters);
    }

    private static void tell(Bus bus) {
        bus.tell(Addresses.EVENTS_PENDING, Done.DONE);
        bus.publish(Addresses.PRESENCE_CHANGED, Done.DONE);
    }
}
