package dev.herald.webhook.post;

import dev.herald.webhook.lane.Batch;
import dev.herald.webhook.lane.Leases.Lease;
import dev.herald.webhook.post.Outcome.Kind;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;

/** To a back end. */
final class HttpPost implements Post {
    private static final Outcome NOTHING_TO_SEND = new Outcome(Kind.DELIVERED, "nothing to send", Optional.empty(), "");

    private final Bodies bodies;
    private final Rate rate;
    private final Sender sender;

    HttpPost(Bodies bodies, Rate rate, Sender sender) {
        this.bodies = bodies;
        this.rate = rate;
        this.sender = sender;
    }

    @Override
    public Future<Delivery> deliver(Batch batch, Lease lease) {
        return bodies.of(batch).compose(body -> {
            Batch sent = batch.first(body.count());
            if (body.text().length() == 0) {
                return Future.succeededFuture(
                        new Delivery(sent, NOTHING_TO_SEND, body.unreadable(), false, Duration.ZERO));
            }
            return rate.acquire(lease.lost()).compose(v -> {
                long begun = System.nanoTime();
                return sender.post(sent.id(), sent.type(), body.text(), lease)
                        .map(outcome -> new Delivery(
                                sent, outcome, body.unreadable(), true, Duration.ofNanos(System.nanoTime() - begun)));
            });
        });
    }

    @Override
    public Future<Void> close() {
        return sender.close();
    }
}
