package dev.herald.api;

import dev.herald.account.SystemAccounts;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.Service;
import dev.herald.channel.Channels;
import dev.herald.config.HeraldConfig;
import dev.herald.conversation.Conversations;
import dev.herald.device.Devices;
import dev.herald.endpoint.LazyVault;
import dev.herald.eventlog.EventContents;
import dev.herald.eventlog.EventFeed;
import dev.herald.failure.Failure;
import dev.herald.lifecycle.Periodic;
import dev.herald.messagelog.LogChannels;
import dev.herald.messagelog.MessageLog;
import dev.herald.messagelog.Recents;
import dev.herald.postgres.PgClients;
import dev.herald.stream.StreamLog;
import dev.herald.stream.StreamMessages;
import dev.herald.stream.Streams;
import dev.herald.trail.Trail;
import dev.herald.trail.Trails;
import io.micrometer.core.instrument.Metrics;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Serves the HTTP API for back ends; any number of instances, in any number of nodes, serve it side by side. */
public final class ApiVerticle extends VerticleBase {
    private static final int IDLE_SECONDS = 75;
    private static final Duration DEADLINE = Duration.ofSeconds(15);
    private static final Duration SWEEP_INTERVAL = Duration.ofMinutes(5);

    private final HeraldConfig config;
    private final Bus bus;
    private final Service service;
    private final PgClients pg;
    private final IdempotencyKeys keys;
    private final Calls calls;
    private final Trail trail = new Trail();

    private @Nullable Router router;
    private @Nullable HttpServer server;
    private @Nullable Periodic sweep;
    private List<ChangeWaits> waits = List.of();

    public ApiVerticle(HeraldConfig config, Bus bus, PgClients pg) {
        this.config = config;
        this.bus = bus;
        this.service = new Service(bus);
        this.pg = pg;
        this.keys = new IdempotencyKeys(pg, config.api().idempotencyRetention());
        this.calls = new Calls(config.http().maxBodyBytes(), DEADLINE, new Once(keys), Contract.THIS);
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
        Router routing = router(feed, presence, arrivals);
        router = routing;
        HttpServer created = vertx.createHttpServer(options).requestHandler(routing);
        server = created;
        sweep = Periodic.start(vertx, "idempotency keys", SWEEP_INTERVAL, keys::sweep);
        return created.listen();
    }

    /** Refuses new requests, answers those under way, then closes the port. */
    @Override
    public Future<?> stop() {
        return service.close()
                .eventually(
                        () -> Future.join(waits.stream().map(ChangeWaits::stop).toList()))
                .eventually(calls::drain)
                .eventually(() -> sweep == null ? Future.succeededFuture() : sweep.stop())
                .eventually(() -> server == null ? Future.succeededFuture() : server.close())
                .onComplete(closed -> Trails.of(vertx).remove(trail));
    }

    /** The port that is listened on, once started. */
    public int port() {
        return Objects.requireNonNull(server, "not started").actualPort();
    }

    /** Every route that is served, once started. */
    List<Route> routes() {
        return Objects.requireNonNull(router, "not started").getRoutes();
    }

    private Router router(EventFeed feed, ChangeWaits presence, ChangeWaits arrivals) {
        Router router = Router.router(vertx);
        new ContractRoutes(Contract.THIS).mount(router);
        router.route().handler(new Access(config.api().token()));
        router.errorHandler(403, context -> refuse(context, Problem.of(Failure.FORBIDDEN, OwnMachine.ONLY)));
        router.errorHandler(404, context -> refuse(context, Problem.of(Failure.NOT_FOUND, "no such path")));
        router.errorHandler(405, context -> refuseMethod(router, context));
        router.errorHandler(400, context -> refuse(context, Problem.of(Failure.INVALID, "the path is malformed")));
        Channels channels = new Channels(pg, config.commands().onChange());
        ChannelChanges changes = new ChannelChanges(channels, bus, trail);
        new UserRoutes(bus, channels, new Devices(pg)).mount(router, calls);
        new SystemAccountRoutes(new SystemAccounts(pg), bus, pg).mount(router, calls);
        new ChannelRoutes(channels, changes).mount(router, calls);
        new PatchRoutes(changes).mount(router, calls);
        new MemberRoutes(changes).mount(router, calls);
        new ReadRoutes(channels).mount(router, calls);
        new ListRoutes(channels, changes).mount(router, calls);
        CommandSends commands = new CommandSends(bus, pg, channels);
        new MessageRoutes(bus, commands, trail).mount(router, calls);
        new BatchRoutes(bus, commands, trail).mount(router, calls);
        new InboxRoutes(bus).mount(router, calls);
        new ProgressRoutes(bus, pg).mount(router, calls);
        LogChannels logChannels = new LogChannels(pg);
        MessageLog messageLog = new MessageLog(pg);
        MessageForms forms = new MessageForms(new Streams(pg));
        new HistoryRoutes(logChannels, messageLog, forms).mount(router, calls);
        new LookupRoutes(logChannels, messageLog, forms).mount(router, calls);
        new StreamRoutes(new StreamMessages(pg), new StreamLog(pg), new EventTelling(bus)).mount(router, calls);
        boolean secretIsConfigured =
                config.webhook().secret().or(config.webhook()::oldSecret).isPresent();
        new WebhookRoutes(new LazyVault(vertx, config, pg.statements(), bus::isAlone), bus, pg, secretIsConfigured)
                .mount(router, calls);
        new DeliveryRoutes(bus, pg).mount(router, calls);
        new EventRoutes(feed, new EventContents(pg.statements()), arrivals).mount(router, calls);
        Conversations conversations = new Conversations(pg);
        new ConversationRoutes(conversations, new Recents(pg), forms).mount(router, calls);
        new ConversationEdits(pg).mount(router, calls);
        new PresenceRoutes(bus, feed, presence).mount(router, calls);
        new SnapshotRoute(pg.statements()).mount(router, calls);
        new DigestRoutes(pg.transactions()).mount(router, calls);
        new PriorityRoutes(bus, pg.transactions()).mount(router, calls);
        new WatchRoutes(bus, pg).mount(router, calls);
        new DriftRoute(pg.statements()).mount(router, calls);
        new AddressRoutes(new ClientAddresses(config)).mount(router, calls);
        new ConnectionRoutes(bus).mount(router, calls);
        new VarzRoute(bus, config).mount(router, calls);
        new AdminRoutes(bus, pg.statements()).mount(router, calls);
        new TraceRoute(bus, pg).mount(router, calls);
        new HealthRoutes(bus).mount(router, calls);
        return router;
    }

    private static void refuseMethod(Router router, RoutingContext context) {
        String path = context.normalizedPath().replaceFirst("/$", "");
        String allowed = router.getRoutes().stream()
                .filter(route -> path.equals(route.getPath()))
                .flatMap(route -> route.methods().stream())
                .map(HttpMethod::name)
                .collect(Collectors.joining(", "));
        context.response().putHeader("Allow", allowed);
        refuse(context, new Problem(405, "only " + allowed + " is served here", false));
    }

    private static void refuse(RoutingContext context, Problem problem) {
        Calls.write(context.response(), problem.reply());
    }
}
