package dev.herald.presence.reconcile;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.postgres.PgClients;
import dev.herald.presence.reconcile.Drift.Kind;
import dev.herald.presencelog.DriftLog;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts, records and reports the differences that were mended. */
final class DriftRecorder {
    private static final Logger log = LoggerFactory.getLogger(DriftRecorder.class);

    /** Rows that wait for the database; of a flood the rest is only counted. */
    private static final int BOUND = 10_000;

    private static final int BATCH = 1_000;

    private final PgClients pg;
    private final Bus bus;
    private final DriftMeters meters;
    private final long incarnation;
    private final Duration interval;
    private final int threshold;
    private final Deque<DriftLog.Found> unrecorded = new ArrayDeque<>();
    private boolean recording;

    /** @param interval within which {@code threshold} differences raise the alarm; 0: none does */
    DriftRecorder(PgClients pg, Bus bus, DriftMeters meters, long incarnation, Duration interval, int threshold) {
        this.pg = pg;
        this.bus = bus;
        this.meters = meters;
        this.incarnation = incarnation;
        this.interval = interval;
        this.threshold = threshold;
    }

    Future<Void> mended(List<Drift> found) {
        found.forEach(drift -> meters.drifted(drift.kind()));
        if (found.stream().anyMatch(drift -> drift.kind() == Kind.MISSING_SESSION)) {
            // Nobody sent messages for them to this node.
            bus.tell(Addresses.MESSAGES_UNTOLD, Done.DONE);
        }
        found.stream().limit(10).forEach(drift -> log.warn("mended {}", drift));
        int room = Math.clamp(BOUND - unrecorded.size(), 0, found.size());
        meters.unrecorded(found.size() - room);
        found.stream()
                .limit(room)
                .map(drift -> new DriftLog.Found(
                        drift.kind().word(), drift.uid(), drift.kind().repair().word(), drift.ageMs(), drift.detail()))
                .forEach(unrecorded::add);
        return record();
    }

    /** What fails is tried again with what is found next, or with the next look at the alarm. */
    private Future<Void> record() {
        if (recording || unrecorded.isEmpty()) {
            return Future.succeededFuture();
        }
        recording = true;
        List<DriftLog.Found> rows = unrecorded.stream().limit(BATCH).toList();
        return DriftLog.add(pg.statements(), incarnation, rows)
                .onComplete(done -> recording = false)
                .onFailure(cause -> log.warn("mended differences={} are not recorded yet", rows.size(), cause))
                .compose(added -> {
                    rows.forEach(row -> unrecorded.removeFirst());
                    return record();
                });
    }

    /** Raises or clears the alarm, whichever node comes first. */
    Future<Void> watch() {
        return record().compose(recorded -> DriftLog.watch(pg.transactions(), interval, threshold))
                .onSuccess(turned -> {
                    if (turned) {
                        bus.tell(Addresses.EVENTS_PENDING, Done.DONE);
                    }
                })
                .mapEmpty();
    }
}
