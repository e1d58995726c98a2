package dev.herald.webhook;

import io.vertx.core.Future;

/** Brings one batch where it belongs. */
interface Post {
    /**
     * @param abandon cuts the attempt off; the future fails then
     * @return failed as well if it could not be tried at all, and says nothing of the endpoint
     */
    Future<Delivery> deliver(Batch batch, Future<Void> abandon);

    Future<Void> close();
}
