package dev.herald.boot;

import dev.herald.boot.Deployments.Parts;
import dev.herald.bus.Bus;
import dev.herald.config.HeraldConfig;
import dev.herald.config.Secret;
import dev.herald.config.Settings;
import dev.herald.ops.Readiness;
import dev.herald.postgres.Migrations;
import dev.herald.postgres.PgClients;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One node: everything it starts, in order, and stops in reverse. */
public final class Server {
    private static final Logger log = LoggerFactory.getLogger(Server.class);
    private static final Duration QUICK = Duration.ofSeconds(10);
    private static final Duration MIGRATIONS = Duration.ofMinutes(2);
    private static final Duration VERTICLE = Duration.ofSeconds(20);

    /** A store that restarts, or starts with the nodes, is waited for; a probe of the start has to allow for it. */
    private static final Duration STORES = Duration.ofMinutes(1);

    /** A cluster lets nobody in while others come or go. */
    private static final Duration CLUSTER = Duration.ofMinutes(1);

    private final Settings settings;
    private final Steps steps = new Steps();
    private final Readiness readiness = new Readiness();
    private final CountDownLatch settled = new CountDownLatch(1);
    private volatile @Nullable HeraldConfig config;

    Server(Settings settings) {
        this.settings = settings;
    }

    /**
     * Starts a node and returns when it serves; blocks, so not for an event loop.
     *
     * @throws StartException if a step failed; what was started has been stopped again
     */
    public static Server start(Settings settings) {
        Server server = new Server(settings);
        server.start();
        return server;
    }

    void start() {
        try {
            startInOrder();
        } catch (StartException e) {
            undo();
            throw e;
        } finally {
            settled.countDown();
        }
    }

    /** The configuration in force: every address is the real one, also where a port was 0 or a URL was empty. */
    public HeraldConfig config() {
        HeraldConfig known = config;
        if (known == null) {
            throw new IllegalStateException("not started");
        }
        return known;
    }

    /**
     * Stops what runs, in reverse order; a start that is under way ends before its next step.
     *
     * @return true if every part stopped in order and in time
     */
    public boolean stop() {
        readiness.stopping();
        steps.refuse();
        try {
            settled.await(QUICK.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return undo();
    }

    private boolean undo() {
        return steps.undo(settings.config().drain().within());
    }

    private void startInOrder() {
        long begun = System.nanoTime();
        Settings addressed = steps.run("ports", QUICK, () -> Ports.assign(settings));
        EmbeddedStores stores = EmbeddedStores.prepare(addressed.config(), steps);
        Meters meters = steps.run("meters", QUICK, () -> Meters.open(addressed.config()), Meters::close);
        HeraldConfig known = addressed.with(stores.start()).config();
        config = known;
        String postgresUrl = known.postgres().url().map(Secret::value).orElseThrow();
        String database = onStores("migrations", MIGRATIONS, () -> Migrations.run(postgresUrl), made -> {});
        Optional<String> cluster =
                Optional.of(database).filter(it -> known.cluster().enabled());
        Vertx vertx = steps.run(
                "Vert.x", CLUSTER, () -> NodeVertx.create(meters.all(), known.cluster(), cluster), it -> it.close()
                        .await());
        int poolSize = known.postgres().poolSize();
        PgClients postgres = clients("PostgreSQL", () -> PgClients.open(vertx, postgresUrl, poolSize));
        // What requests hold, or wait for, delays no message and no presence.
        PgClients requests =
                clients("PostgreSQL of the API", () -> PgClients.open(vertx, postgresUrl, (poolSize + 1) / 2, "api "));
        long incarnation = onStores("incarnation", QUICK, () -> nextIncarnation(postgres), made -> {});
        Bus bus = steps.run("bus", QUICK, () -> Bus.join(vertx, incarnation).await());
        Parts parts = new Parts(known, bus, postgres, requests, incarnation, meters.scraped(), readiness);
        for (Deployment deployment : Deployments.of(parts)) {
            deploy(vertx, deployment);
        }
        stores.settle();
        readiness.started();
        log.info(
                "incarnation={} ready in {} ms", incarnation, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
    }

    private PgClients clients(String name, Callable<PgClients> open) {
        return steps.run(name + " clients", QUICK, open, it -> it.close().await());
    }

    private <T> T onStores(String step, Duration deadline, Callable<T> work, Steps.Undo<T> undo) {
        return steps.runOnStores(step, STORES, deadline, work, undo);
    }

    private static long nextIncarnation(PgClients postgres) {
        return postgres.statements()
                .query("select nextval('incarnation')")
                .execute()
                .await()
                .iterator()
                .next()
                .getLong(0);
    }

    private void deploy(Vertx vertx, Deployment deployment) {
        DeploymentOptions options = new DeploymentOptions().setInstances(deployment.instances());
        readiness.starting(deployment.name());
        onStores(
                deployment.name(),
                VERTICLE,
                () -> vertx.deployVerticle(deployment.verticle(), options).await(),
                id -> vertx.undeploy(id).await());
        readiness.up(deployment.name());
    }
}
