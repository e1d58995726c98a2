package dev.herald.webhook.post;

import dev.herald.webhook.lane.Batch;
import dev.herald.webhook.lane.Leases.Lease;
import io.vertx.core.Future;

/** Brings one batch where it belongs. */
public interface Post {
    /**
     * @param lease cuts the attempt off when it ends; the future fails then
     * @return failed as well if it could not be tried at all, and says nothing of the endpoint
     */
    Future<Delivery> deliver(Batch batch, Lease lease);

    Future<Void> close();
}
