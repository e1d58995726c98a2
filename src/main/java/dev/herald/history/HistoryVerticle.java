package dev.herald.history;

import dev.herald.config.HeraldConfig;
import dev.herald.config.Retentions;
import dev.herald.lifecycle.Periodic;
import dev.herald.postgres.PgClients;
import io.micrometer.core.instrument.Metrics;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.List;

/** Sweeps over channels and messages; it serves nobody, so that nobody waits for it. */
public final class HistoryVerticle extends VerticleBase {
    /** Nobody waits for it: readers pass over what has ended, and find what is alive. */
    private static final Duration INTERVAL = Duration.ofSeconds(10);

    private static final Duration RETENTION_INTERVAL = Duration.ofMinutes(1);

    private final Activity activity;
    private final MessageEnds ends;
    private List<Periodic> sweeps = List.of();

    public HistoryVerticle(HeraldConfig config, PgClients pg) {
        HistoryMeters meters = new HistoryMeters(Metrics.globalRegistry);
        this.activity = new Activity(pg, meters);
        this.ends = new MessageEnds(pg, config.messages().retention().orElse(Retentions.NONE), meters);
    }

    @Override
    public Future<?> start() {
        sweeps = List.of(
                Periodic.start(vertx, "activity of channels", INTERVAL, activity::sweep),
                Periodic.start(vertx, "expired messages", INTERVAL, ends::sweepExpired),
                Periodic.start(vertx, "retention of messages", RETENTION_INTERVAL, ends::sweepRetired));
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        return Future.join(sweeps.stream().map(Periodic::stop).toList());
    }
}
