package dev.herald.messaging;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.MessagingMessage.ChannelMessages;
import dev.herald.bus.message.SocketMessage.Push;
import dev.herald.bus.message.SocketMessage.Pushes;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Pushes what other nodes have committed to the members who are connected here, in the order of its coming. */
final class Arrivals {
    private static final Logger log = LoggerFactory.getLogger(Arrivals.class);

    /** Batches that wait for rosters. */
    private static final int MAX_WAITING = 1_000;

    private final Bus bus;
    private final Rosters rosters;
    private final Counter dropped;
    private Future<Void> last = Future.succeededFuture();
    private int waiting;

    Arrivals(Bus bus, Rosters rosters, MeterRegistry meters) {
        this.bus = bus;
        this.rosters = rosters;
        this.dropped = meters.counter("herald.messages.undelivered");
    }

    /** What cannot be pushed is in the channel's history all the same. */
    Future<Done> take(ChannelMessages committed) {
        if (waiting >= MAX_WAITING) {
            dropped.increment(committed.messages().size());
            return Future.succeededFuture(Done.DONE);
        }
        waiting++;
        last = last.eventually(() -> rosters.atLeast(revisions(committed))
                        .onSuccess(known -> push(committed, known))
                        .onFailure(cause -> {
                            dropped.increment(committed.messages().size());
                            log.warn(
                                    "messages={} are not pushed here",
                                    committed.messages().size(),
                                    cause);
                        }))
                .onComplete(done -> waiting--)
                .<Void>mapEmpty()
                .otherwiseEmpty();
        return last.map(Done.DONE);
    }

    private void push(ChannelMessages committed, Map<Long, Roster> rosters) {
        List<Push> pushes = committed.messages().stream()
                .map(message -> new Push(
                        Receivers.of(
                                message.stored(),
                                rosters.getOrDefault(message.channel(), Roster.EMPTY)
                                        .members()),
                        message.delivery(),
                        message.skipSession()))
                .toList();
        bus.toNode(bus.incarnation(), Addresses.SOCKETS_PUSH, new Pushes(pushes));
    }

    private static Map<Long, Long> revisions(ChannelMessages committed) {
        Map<Long, Long> revisions = new HashMap<>();
        committed.messages().forEach(message -> revisions.merge(message.channel(), message.revision(), Math::max));
        return revisions;
    }
}
