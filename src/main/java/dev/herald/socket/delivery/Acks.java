package dev.herald.socket.delivery;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.InboxMessage.Ack;
import dev.herald.bus.message.InboxMessage.AckInboxes;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * How far the devices of one instance have got with their inboxes: told by one request at a time, with all that waits.
 * A device tells nothing more until {@link #REST} after its answer, so that of command after command it tells together.
 */
final class Acks {
    /** What is acknowledged meanwhile is given again if this process dies. */
    static final Duration REST = Duration.ofMillis(500);

    private final Vertx vertx;
    private final Bus bus;
    private final Queue<Waiting> waiting = new ArrayDeque<>();
    private boolean underWay;

    private record Waiting(Ack ack, Promise<Done> kept) {}

    Acks(Vertx vertx, Bus bus) {
        this.vertx = vertx;
        this.bus = bus;
    }

    /** Completes {@link #REST} after it is kept. Whoever calls bounds how much may wait: one for each session, and its last. */
    Future<Done> add(Ack ack) {
        Promise<Done> kept = Promise.promise();
        waiting.add(new Waiting(ack, kept));
        if (!underWay) {
            underWay = true;
            // What else this turn of the event loop brings comes along.
            vertx.runOnContext(v -> next());
        }
        return kept.future();
    }

    private void next() {
        List<Waiting> batch = new ArrayList<>();
        while (batch.size() < AckInboxes.MOST && !waiting.isEmpty()) {
            batch.add(waiting.remove());
        }
        underWay = !batch.isEmpty();
        if (underWay) {
            bus.request(
                            Addresses.INBOX_ACK,
                            new AckInboxes(batch.stream().map(Waiting::ack).toList()))
                    .onComplete(answer -> {
                        vertx.setTimer(
                                REST.toMillis(),
                                id -> batch.forEach(each -> each.kept().handle(answer)));
                        next();
                    });
        }
    }
}
