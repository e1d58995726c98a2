package dev.herald.messaging;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.MessagingMessage.ChannelEvent;
import dev.herald.bus.message.MessagingMessage.ChannelMessage;
import dev.herald.bus.message.MessagingMessage.ChannelMessages;
import dev.herald.bus.message.SocketMessage.Absent;
import dev.herald.bus.message.SocketMessage.AbsentQuery;
import dev.herald.bus.message.SocketMessage.Push;
import dev.herald.bus.message.SocketMessage.PushEvent;
import dev.herald.messaging.Sequencer.Item;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes what other nodes have committed, in the order of its coming, and finds who is to have it. */
final class Arrivals {
    private static final Logger log = LoggerFactory.getLogger(Arrivals.class);

    /** Batches that wait for rosters. */
    private static final int MAX_WAITING = 1_000;

    private final Bus bus;
    private final Rosters rosters;
    private final Sequencer<Push> order;
    private final Counter dropped;
    private Future<Void> last = Future.succeededFuture();
    private int waiting;

    Arrivals(Bus bus, Rosters rosters, Sequencer<Push> order, MeterRegistry meters) {
        this.bus = bus;
        this.rosters = rosters;
        this.order = order;
        this.dropped = meters.counter("herald.messages.undelivered");
    }

    static Item<Push> item(ChannelMessage message, Set<String> receivers) {
        Push push = new Push(receivers, message.delivery(), message.skipSession(), message.late());
        return new Item<>(message.channel(), message.delivery().messageSeq(), message.first(), push);
    }

    /** Answers who of those that are named is not here. What cannot be pushed is in the channel's history all the same. */
    Future<Absent> take(ChannelMessages committed) {
        inTurn(committed.messages().size(), () -> rosters.all(revisions(committed))
                .onSuccess(known -> order.accept(items(committed, known))));
        return absent(committed);
    }

    /** Behind the messages that came before it. */
    Future<Done> take(ChannelEvent event) {
        Map<Long, Long> asked = event.uids().isEmpty() ? Map.of(event.channel(), event.revision()) : Map.of();
        inTurn(1, () -> rosters.all(asked).onSuccess(known -> push(event, known)));
        return Future.succeededFuture(Done.DONE);
    }

    private void push(ChannelEvent event, Map<Long, Roster> rosters) {
        Set<String> receivers = event.uids().isEmpty()
                ? Receivers.of(
                        event.stored(),
                        rosters.getOrDefault(event.channel(), Roster.EMPTY).members())
                : event.uids();
        bus.publish(
                Addresses.SOCKETS_EVENT,
                new PushEvent(receivers, event.id(), event.type(), event.timestampMillis(), event.data()));
    }

    private void inTurn(int size, Supplier<Future<?>> task) {
        if (waiting >= MAX_WAITING) {
            dropped.increment(size);
            return;
        }
        waiting++;
        last = last.eventually(() -> task.get().onFailure(cause -> {
                    dropped.increment(size);
                    log.warn("messages={} are not pushed here", size, cause);
                }))
                .onComplete(done -> waiting--)
                .<Void>mapEmpty()
                .otherwiseEmpty();
    }

    private Future<Absent> absent(ChannelMessages committed) {
        Set<String> named = committed.messages().stream()
                .flatMap(message -> message.uids().stream())
                .collect(Collectors.toSet());
        return named.isEmpty()
                ? Future.succeededFuture(new Absent(Set.of()))
                : bus.request(Addresses.SOCKETS_ABSENT, new AbsentQuery(named));
    }

    private static List<Item<Push>> items(ChannelMessages committed, Map<Long, Roster> rosters) {
        return committed.messages().stream()
                .map(message -> item(message, receivers(message, rosters)))
                .toList();
    }

    private static Set<String> receivers(ChannelMessage message, Map<Long, Roster> rosters) {
        return message.uids().isEmpty()
                ? Receivers.of(
                        message.stored(),
                        rosters.getOrDefault(message.channel(), Roster.EMPTY).members())
                : message.uids();
    }

    private static Map<Long, Long> revisions(ChannelMessages committed) {
        Map<Long, Long> revisions = new HashMap<>();
        committed.messages().stream()
                .filter(message -> message.uids().isEmpty())
                .forEach(message -> revisions.merge(message.channel(), message.revision(), Math::max));
        return revisions;
    }
}
