package dev.herald.history;

import dev.herald.config.Retentions;
import dev.herald.postgres.PgClients;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;

/** What the verticle does on its timers, for tests that want it now. */
public final class Sweeps {
    private Sweeps() {}

    public static Future<Void> all(PgClients pg, Retentions retentions) {
        HistoryMeters meters = new HistoryMeters(new SimpleMeterRegistry());
        MessageEnds ends = new MessageEnds(pg, retentions, meters);
        return new Activity(pg, meters)
                .sweep()
                .compose(done -> ends.sweepExpired())
                .compose(done -> ends.sweepRetired());
    }
}
