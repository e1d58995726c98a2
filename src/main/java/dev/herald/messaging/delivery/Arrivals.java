package dev.herald.messaging.delivery;

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
import dev.herald.messaging.delivery.Sequencer.Item;
import dev.herald.messaging.roster.Receivers;
import dev.herald.messaging.roster.Roster;
import dev.herald.messaging.roster.Rosters;
import dev.herald.messaging.roster.Rosters.Known;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes what other nodes have committed, in the order of its coming, and finds who is to have it. */
public final class Arrivals {
    private static final Logger log = LoggerFactory.getLogger(Arrivals.class);

    /** Batches that wait for their turn, and messages that wait for the members of large channels. */
    private static final int MAX_WAITING = 1_000;

    /** An event has no place in the order. */
    private static final List<ChannelMessage> NO_MESSAGES = List.of();

    private final Bus bus;
    private final Rosters rosters;
    private final Sequencer<Push> order;
    private final Counter dropped;
    private final Runnable missed;
    private Future<Void> last = Future.succeededFuture();
    private int waiting;

    /** By large channel: the last that waits for its members. */
    private final Map<Long, Future<Void>> behind = new HashMap<>();

    private int waitingBehind;

    /** @param missed told when something was not delivered that may be found later */
    public Arrivals(Bus bus, Rosters rosters, Sequencer<Push> order, MeterRegistry meters, Runnable missed) {
        this.bus = bus;
        this.rosters = rosters;
        this.order = order;
        this.dropped = meters.counter("herald.messages.undelivered");
        this.missed = missed;
    }

    static Item<Push> item(ChannelMessage message, Set<String> receivers) {
        Push push = new Push(receivers, message.delivery(), message.skipSession(), message.late());
        return new Item<>(message.channel(), message.delivery().messageSeq(), message.first(), push);
    }

    /** Answers who of those that are named is not here. What cannot be pushed now is found in the log. */
    public Future<Absent> take(ChannelMessages committed) {
        inTurn(committed.messages(), () -> rosters.of(revisions(committed))
                .onSuccess(known -> accept(committed.messages(), known)));
        return absent(committed);
    }

    /** Behind the messages that came before it. */
    public Future<Done> take(ChannelEvent event) {
        Map<Long, Long> asked = event.uids().isEmpty() ? Map.of(event.channel(), event.revision()) : Map.of();
        inTurn(NO_MESSAGES, () -> rosters.of(asked).onSuccess(known -> {
            if (waits(event.channel(), known)) {
                behind(event.channel(), event.revision(), NO_MESSAGES, rosters -> push(event, rosters));
            } else {
                push(event, known.rosters());
            }
        }));
        return Future.succeededFuture(Done.DONE);
    }

    private void accept(List<ChannelMessage> messages, Known known) {
        List<Item<Push>> items = new ArrayList<>();
        for (ChannelMessage message : messages) {
            if (waits(message.channel(), known)) {
                behind(
                        message.channel(),
                        message.revision(),
                        List.of(message),
                        rosters -> order.accept(List.of(item(message, receivers(message, rosters)))));
            } else {
                items.add(item(message, receivers(message, known.rosters())));
            }
        }
        order.accept(items);
    }

    private boolean waits(long channel, Known known) {
        return known.loading().contains(channel) || behind.containsKey(channel);
    }

    /** Nobody else waits while a large channel's members are read. */
    private void behind(long channel, long revision, List<ChannelMessage> messages, Consumer<Map<Long, Roster>> task) {
        if (waitingBehind >= MAX_WAITING) {
            drop(messages);
            return;
        }
        waitingBehind++;
        Future<Void> done = behind.getOrDefault(channel, Future.succeededFuture())
                .compose(before -> rosters.all(Map.of(channel, revision)))
                .<Void>map(rosters -> {
                    task.accept(rosters);
                    return null;
                })
                .otherwise(cause -> {
                    drop(messages, cause);
                    return null;
                });
        behind.put(channel, done);
        done.onComplete(ended -> {
            waitingBehind--;
            behind.remove(channel, done);
        });
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

    private void inTurn(List<ChannelMessage> messages, Supplier<Future<?>> task) {
        if (waiting >= MAX_WAITING) {
            drop(messages);
            return;
        }
        waiting++;
        last = last.eventually(() -> task.get().onFailure(cause -> drop(messages, cause)))
                .onComplete(done -> waiting--)
                .<Void>mapEmpty()
                .otherwiseEmpty();
    }

    private void drop(List<ChannelMessage> messages, Throwable cause) {
        log.warn("{} not pushed here", messages.isEmpty() ? "an event is" : messages.size() + " messages are", cause);
        drop(messages);
    }

    /** Without any, it is an event, which nobody finds again. */
    private void drop(List<ChannelMessage> messages) {
        dropped.increment(Math.max(1, messages.size()));
        messages.forEach(
                message -> order.missed(message.channel(), message.delivery().messageSeq()));
        missed.run();
    }

    private Future<Absent> absent(ChannelMessages committed) {
        Set<String> named = committed.messages().stream()
                .flatMap(message -> message.uids().stream())
                .collect(Collectors.toSet());
        return named.isEmpty()
                ? Future.succeededFuture(new Absent(Set.of()))
                : bus.request(Addresses.SOCKETS_ABSENT, new AbsentQuery(named));
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
