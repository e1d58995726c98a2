package dev.herald.webhook;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.config.HeraldConfig;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Delivers the event log to the configured URL; idle if there is none. */
public final class WebhookVerticle extends VerticleBase {
    /** Name of the one endpoint that the configuration gives. */
    static final String ENDPOINT = "config";

    /** A dead node's lanes go on elsewhere after this. */
    static final Duration LEASE = Duration.ofSeconds(5);

    private final HeraldConfig.Webhook config;
    private final Bus bus;
    private final PgClients pg;
    private final long incarnation;
    private final RetrySchedule schedule;
    private final Duration lease;
    private @Nullable Dispatcher dispatcher;

    public WebhookVerticle(HeraldConfig config, Bus bus, PgClients pg, long incarnation) {
        this(config, bus, pg, incarnation, RetrySchedule.STANDARD, LEASE);
    }

    WebhookVerticle(
            HeraldConfig config, Bus bus, PgClients pg, long incarnation, RetrySchedule schedule, Duration lease) {
        this.config = config.webhook();
        this.bus = bus;
        this.pg = pg;
        this.incarnation = incarnation;
        this.schedule = schedule;
        this.lease = lease;
    }

    @Override
    public Future<?> start() {
        if (config.url().isEmpty()) {
            return Future.succeededFuture();
        }
        EventUrl url = new EventUrl(config.url().get());
        Signer signer = new Signer(config.secret().stream().toList());
        Lanes lanes = new Lanes(pg.statements(), ENDPOINT, incarnation, lease);
        return lanes.create().compose(v -> listen(dispatcher(url, signer, lanes)));
    }

    @Override
    public Future<?> stop() {
        return dispatcher == null ? Future.succeededFuture() : dispatcher.stop();
    }

    private Dispatcher dispatcher(EventUrl url, Signer signer, Lanes lanes) {
        Leases leases = new Leases(lanes, lease);
        Bodies bodies = new Bodies(new NotifiedMessages(pg.statements()));
        Sender sender = new Sender(vertx, url, signer, config.timeout(), config.concurrency(), Clock.systemUTC());
        return new Dispatcher(vertx, config, lanes, leases, bodies, sender, schedule);
    }

    private Future<Void> listen(Dispatcher made) {
        dispatcher = made;
        return bus.serve(Addresses.EVENTS_PENDING, nudge -> {
                    made.nudge();
                    return Future.succeededFuture(Done.DONE);
                })
                .completion();
    }
}
