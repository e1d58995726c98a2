package dev.herald.ops;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.Service;
import dev.herald.bus.message.OpsMessage.HealthReport;
import dev.herald.bus.message.OpsMessage.NodeReport;
import dev.herald.config.HeraldConfig;
import dev.herald.failure.Failure;
import dev.herald.lifecycle.Periodic;
import dev.herald.postgres.PgClients;
import dev.herald.redis.RedisGateway;
import dev.herald.trail.Trails;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Tells operators whether the node lives, whether it is fit to serve, and what it counts. */
public final class OpsVerticle extends VerticleBase {
    private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

    /** Whether or not a probe asks. */
    private static final Duration LOOK = Duration.ofSeconds(10);

    private final HeraldConfig config;
    private final Bus bus;
    private final PgClients postgres;
    private final PrometheusMeterRegistry metrics;
    private final Readiness readiness;
    private @Nullable RedisGateway redis;
    private @Nullable HttpServer server;
    private @Nullable Gauge clockOffset;
    private @Nullable Periodic looking;

    public OpsVerticle(
            HeraldConfig config, Bus bus, PgClients postgres, PrometheusMeterRegistry metrics, Readiness readiness) {
        this.config = config;
        this.bus = bus;
        this.postgres = postgres;
        this.metrics = metrics;
        this.readiness = readiness;
    }

    @Override
    public Future<?> start() {
        return RedisGateway.open(vertx, HeraldConfig.Redis.urlOf(config))
                .compose(this::serve)
                .recover(cause -> stop().transform(stopped -> Future.failedFuture(cause)));
    }

    @Override
    public Future<?> stop() {
        Future<?> closed = server == null ? Future.succeededFuture() : server.close();
        if (clockOffset != null) {
            metrics.remove(clockOffset);
        }
        return closed.eventually(() -> looking == null ? Future.succeededFuture() : looking.stop())
                .eventually(() -> redis == null ? Future.succeededFuture() : redis.close());
    }

    private Future<HttpServer> serve(RedisGateway opened) {
        redis = opened;
        Health health = new Health(postgres, opened, readiness, bus, System::nanoTime);
        clockOffset = Gauge.builder("herald.clock.offset.seconds", health, Health::clockOffset)
                .register(metrics);
        looking = Periodic.start(vertx, "health", LOOK, health::report);
        return new Service(bus)
                .serve(Addresses.HEALTH, query -> health.report())
                .serve(Addresses.NODE_REPORT, query -> health.report().map(OpsVerticle::report))
                .serve(Addresses.NODE_TRACE, Trails.of(vertx)::find)
                .ready()
                .compose(served -> listen(health));
    }

    private Future<HttpServer> listen(Health health) {
        Router router = Router.router(vertx);
        router.get("/live").handler(request -> request.json(new JsonObject().put("live", true)));
        router.get("/ready").handler(request -> health.report()
                .onSuccess(report -> answer(request, report))
                .onFailure(request::fail));
        router.get("/metrics").handler(request -> request.response()
                .putHeader("content-type", PROMETHEUS_TEXT)
                .end(metrics.scrape()));
        HttpServer listening = vertx.createHttpServer().requestHandler(router);
        server = listening;
        return listening.listen(config.management().port(), config.bind());
    }

    private static NodeReport report(HealthReport health) {
        Runtime runtime = Runtime.getRuntime();
        return new NodeReport(
                ManagementFactory.getRuntimeMXBean().getStartTime(),
                health.ready(),
                health.states(),
                runtime.totalMemory() - runtime.freeMemory(),
                runtime.maxMemory());
    }

    private static void answer(RoutingContext request, HealthReport report) {
        JsonObject parts = new JsonObject();
        new TreeMap<>(report.states()).forEach(parts::put);
        request.response().setStatusCode(report.ready() ? 200 : Failure.UNAVAILABLE.httpStatus());
        request.json(new JsonObject().put("ready", report.ready()).put("parts", parts));
    }
}
