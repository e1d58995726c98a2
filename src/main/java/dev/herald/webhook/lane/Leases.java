package dev.herald.webhook.lane;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * This node's leases on lanes with a request under way, renewed together. Each ends here before it ends in PostgreSQL, so
 * that a request is cut off before another node may send the same lane.
 */
public final class Leases {
    private static final int RENEWALS_PER_LEASE = 5;

    private final Lanes lanes;
    private final long leaseNanos;
    private final long marginNanos;
    private final Map<LaneKey, Lease> held = new HashMap<>();

    public Leases(Lanes lanes, Duration lease) {
        this.lanes = lanes;
        this.leaseNanos = lease.toNanos();
        this.marginNanos = leaseNanos / RENEWALS_PER_LEASE;
    }

    /** One lane's lease; its future {@code lost} is heard at most once. */
    public static final class Lease {
        private final Promise<Void> lost = Promise.promise();
        private final long marginNanos;
        private long endNanos;

        public Lease(long endNanos, long marginNanos) {
            this.endNanos = endNanos;
            this.marginNanos = marginNanos;
        }

        /** Of what nobody else would send. */
        public static Lease endless() {
            return new Lease(System.nanoTime() + Long.MAX_VALUE / 2, 0);
        }

        /** For whoever is about to send: after a pause of the process the timer that renews may come later than that. */
        public boolean stands() {
            loseWithin(marginNanos);
            return !lost.future().isComplete();
        }

        private void loseWithin(long nanos) {
            if (endNanos - System.nanoTime() < nanos) {
                lost.tryComplete();
            }
        }

        public Future<Void> lost() {
            return lost.future();
        }
    }

    /** How often to call {@link #renew}. */
    public Duration renewalInterval() {
        return Duration.ofNanos(marginNanos);
    }

    /** @param askedNanos when the statement that took it was sent */
    public Lease take(LaneKey lane, long askedNanos) {
        Lease lease = new Lease(askedNanos + leaseNanos, marginNanos);
        held.put(lane, lease);
        loseIfEnding(lease);
        return lease;
    }

    public void drop(LaneKey lane, Lease lease) {
        held.remove(lane, lease);
    }

    public Future<?> renew() {
        if (held.isEmpty()) {
            return Future.succeededFuture();
        }
        Map<LaneKey, Lease> asked = Map.copyOf(held);
        long askedNanos = System.nanoTime();
        return lanes.renew(asked.keySet())
                .timeout(marginNanos, TimeUnit.NANOSECONDS)
                .onSuccess(ours -> extend(asked, ours, askedNanos + leaseNanos))
                .onComplete(done -> List.copyOf(held.values()).forEach(this::loseIfEnding));
    }

    /** Cuts off what one endpoint has under way. */
    public void lose(String endpoint) {
        Map.copyOf(held).forEach((lane, lease) -> {
            if (lane.endpoint().equals(endpoint)) {
                lease.lost.tryComplete();
            }
        });
    }

    private static void extend(Map<LaneKey, Lease> asked, Collection<LaneKey> ours, long endNanos) {
        asked.forEach((lane, lease) -> {
            if (ours.contains(lane)) {
                lease.endNanos = endNanos;
            } else {
                lease.lost.tryComplete();
            }
        });
    }

    /** The next look is a margin away and may itself take as long. */
    private void loseIfEnding(Lease lease) {
        lease.loseWithin(2 * marginNanos);
    }
}
