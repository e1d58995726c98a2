package dev.herald.api;

import dev.herald.api.channel.ChannelApi;
import dev.herald.api.conversation.ConversationApi;
import dev.herald.api.event.ChangeWaits;
import dev.herald.api.event.EventApi;
import dev.herald.api.http.Contract;
import dev.herald.api.http.Routes;
import dev.herald.api.message.MessageApi;
import dev.herald.api.message.MessageForms;
import dev.herald.api.operator.OperatorApi;
import dev.herald.api.presence.PresenceApi;
import dev.herald.api.send.SendApi;
import dev.herald.api.user.UserApi;
import dev.herald.api.webhook.WebhookApi;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.Service;
import dev.herald.channel.Channels;
import dev.herald.config.HeraldConfig;
import dev.herald.eventlog.EventFeed;
import dev.herald.postgres.PgClients;
import dev.herald.stream.Streams;
import dev.herald.trail.Trail;
import dev.herald.trail.Trails;
import io.micrometer.core.instrument.Metrics;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Route;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Serves the HTTP API for back ends; any number of instances, in any number of nodes, serve it side by side. */
public final class ApiVerticle extends VerticleBase {
    private static final int IDLE_SECONDS = 75;

    private final HeraldConfig config;
    private final Bus bus;
    private final Service service;
    private final PgClients pg;
    private final Contract contract = Contract.THIS;
    private final Trail trail = new Trail();

    private @Nullable Routes routes;
    private @Nullable HttpServer server;
    private List<ChangeWaits> waits = List.of();

    public ApiVerticle(HeraldConfig config, Bus bus, PgClients pg) {
        this.config = config;
        this.bus = bus;
        this.service = new Service(bus);
        this.pg = pg;
    }

    @Override
    public Future<?> start() {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(config.bind())
                .setPort(config.http().port())
                .setHandle100ContinueAutomatically(true)
                // Back ends speak HTTP/1.1; an upgrade in clear text would only be one more way in.
                .setHttp2ClearTextEnabled(false)
                .setIdleTimeout(IDLE_SECONDS);
        Trails.of(vertx).add(trail, context);
        EventFeed feed = new EventFeed(pg.statements());
        ChangeWaits presence = new ChangeWaits(vertx, "presence", feed::presenceEnd, Metrics.globalRegistry);
        ChangeWaits arrivals = new ChangeWaits(vertx, "events", feed::end, Metrics.globalRegistry);
        waits = List.of(presence, arrivals);
        service.hear(Addresses.PRESENCE_CHANGED, told -> presence.wake())
                .hear(Addresses.EVENTS_ARRIVED, told -> arrivals.wake());
        Routes served = new Routes(vertx, config, pg, contract);
        mount(served, feed, presence, arrivals);
        routes = served;
        HttpServer created = vertx.createHttpServer(options).requestHandler(served.router());
        server = created;
        return created.listen();
    }

    /** Refuses new requests, answers those under way, then closes the port. */
    @Override
    public Future<?> stop() {
        return service.close()
                .eventually(
                        () -> Future.join(waits.stream().map(ChangeWaits::stop).toList()))
                .eventually(() -> routes == null ? Future.succeededFuture() : routes.stop())
                .eventually(() -> server == null ? Future.succeededFuture() : server.close())
                .onComplete(closed -> Trails.of(vertx).remove(trail));
    }

    /** The port that is listened on, once started. */
    public int port() {
        return Objects.requireNonNull(server, "not started").actualPort();
    }

    /** Every route that is served, once started. */
    List<Route> routes() {
        return Objects.requireNonNull(routes, "not started").router().getRoutes();
    }

    private void mount(Routes routes, EventFeed feed, ChangeWaits presence, ChangeWaits arrivals) {
        Channels channels = new Channels(pg, config.commands().onChange());
        MessageForms forms = new MessageForms(new Streams(pg));
        UserApi.mount(routes, channels, config, bus, pg);
        ChannelApi.mount(routes, channels, bus, trail);
        SendApi.mount(routes, channels, bus, pg, trail);
        MessageApi.mount(routes, forms, bus, pg);
        ConversationApi.mount(routes, forms, pg);
        EventApi.mount(routes, feed, arrivals, pg);
        PresenceApi.mount(routes, feed, presence, bus, pg);
        WebhookApi.mount(routes, vertx, config, bus, pg);
        OperatorApi.mount(routes, config, bus, pg);
    }
}
