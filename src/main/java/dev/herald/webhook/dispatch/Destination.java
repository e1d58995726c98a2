package dev.herald.webhook.dispatch;

import dev.herald.endpoint.Endpoint;
import dev.herald.webhook.lane.Batch;
import dev.herald.webhook.lane.LaneRun.Cut;
import dev.herald.webhook.lane.Leases.Lease;
import dev.herald.webhook.post.Delivery;
import dev.herald.webhook.post.Post;
import dev.herald.webhook.retry.Pace;
import dev.herald.webhook.retry.Verdict;
import io.vertx.core.Future;
import java.time.Duration;

/** An endpoint as this node delivers to it, for its lanes and for what is replayed. */
record Destination(Node node, Endpoint endpoint, Post post, Pace pace) {
    /** @param back true if the endpoint may have failed until now */
    record Attempted(Delivery delivery, boolean back) {}

    /** A body in WuKongIM's form is of one type. */
    Cut cut() {
        return new Cut(endpoint.settings().batchSize(), endpoint.settings().format() == Endpoint.Format.WUKONG);
    }

    /** How long events wait for others to share their request. */
    Duration gathering() {
        return endpoint.settings().batchSize() == 1
                ? Duration.ZERO
                : endpoint.settings().batchDelay();
    }

    /** Tries once, and notes what that says of the endpoint; fails as {@link Post#deliver} does. */
    Future<Attempted> attempt(Batch batch, Lease lease) {
        boolean probe = pace.begin();
        return post.deliver(batch, lease)
                .onFailure(cause -> pace.abandoned(probe))
                .map(delivery -> new Attempted(delivery, note(delivery, probe)));
    }

    /** For people who look for a fault. */
    void record(Delivery delivery, Verdict verdict) {
        if (delivery.sent()) {
            node.attempts().add(delivery, verdict);
        }
    }

    private boolean note(Delivery delivery, boolean probe) {
        if (!delivery.sent()) {
            pace.abandoned(probe);
            return false;
        }
        Batch batch = delivery.batch();
        // What was set aside says of itself only that it fails.
        node.health().note(endpoint, delivery.outcome(), batch.lane().isSide() ? 0 : batch.attempts());
        return pace.ended(delivery.outcome(), probe, batch.lane().isSide(), System.nanoTime());
    }
}
