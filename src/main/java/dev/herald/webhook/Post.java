package dev.herald.webhook;

import dev.herald.webhook.Leases.Lease;
import io.vertx.core.Future;

/** Brings one batch where it belongs. */
interface Post {
    /**
     * @param lease cuts the attempt off when it ends; the future fails then
     * @return failed as well if it could not be tried at all, and says nothing of the endpoint
     */
    Future<Delivery> deliver(Batch batch, Lease lease);

    Future<Void> close();
}
