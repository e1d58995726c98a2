package dev.herald.presence;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.postgres.PgClients;
import dev.herald.presencelog.DriftLog;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts, records and reports the differences that were mended. */
final class DriftRecorder {
    private static final Logger log = LoggerFactory.getLogger(DriftRecorder.class);

    /** In one table row each; of a flood the rest is only counted. */
    private static final int MAX_RECORDED = 1_000;

    private final PgClients pg;
    private final Bus bus;
    private final PresenceMeters meters;
    private final long incarnation;
    private final Duration interval;
    private final int threshold;

    /** @param interval within which {@code threshold} differences raise the alarm; 0: none does */
    DriftRecorder(PgClients pg, Bus bus, PresenceMeters meters, long incarnation, Duration interval, int threshold) {
        this.pg = pg;
        this.bus = bus;
        this.meters = meters;
        this.incarnation = incarnation;
        this.interval = interval;
        this.threshold = threshold;
    }

    Future<Void> mended(List<Drift> found) {
        if (found.isEmpty()) {
            return Future.succeededFuture();
        }
        found.forEach(drift -> meters.drifted(drift.kind()));
        found.stream().limit(10).forEach(drift -> log.warn("mended {}", drift));
        List<DriftLog.Found> rows = found.stream()
                .limit(MAX_RECORDED)
                .map(drift -> new DriftLog.Found(
                        drift.kind().word(), drift.uid(), drift.kind().repair().word(), drift.ageMs(), drift.detail()))
                .toList();
        return DriftLog.add(pg.statements(), incarnation, rows)
                .onFailure(cause -> log.warn("mended differences={} are not recorded", rows.size(), cause));
    }

    /** Raises or clears the alarm, whichever node comes first. */
    Future<Void> watch() {
        return DriftLog.watch(pg.transactions(), interval, threshold).compose(turned -> {
            if (turned) {
                bus.tell(Addresses.EVENTS_PENDING, Done.DONE);
            }
            return Future.succeededFuture();
        });
    }
}
