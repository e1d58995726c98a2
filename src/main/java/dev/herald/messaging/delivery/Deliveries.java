package dev.herald.messaging.delivery;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.MessagingMessage.ChannelMessage;
import dev.herald.bus.message.MessagingMessage.ChannelMessages;
import dev.herald.bus.message.PresenceMessage.RouteQuery;
import dev.herald.bus.message.PresenceMessage.Routes;
import dev.herald.bus.message.SocketMessage.Absent;
import dev.herald.bus.message.SocketMessage.Push;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.messaging.delivery.Sequencer.Item;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Tells of committed messages, in the order of their commits: this node at once, every other node of what goes to
 * groups, and of what goes to persons those nodes where the registry has their sessions.
 */
public final class Deliveries {
    /** Batches that wait for their routes; further ones go to every node, which costs more but asks nobody. */
    private static final int MAX_WAITING = 256;

    private static final Routes NOBODY = new Routes(Map.of());

    private final Bus bus;
    private final Sequencer<Push> here;
    private final Counter unrouted;
    private final Counter stale;
    private final List<ChannelMessage> all = new ArrayList<>();
    private final List<Item<Push>> ours = new ArrayList<>();
    private Future<Void> last = Future.succeededFuture();
    private int waiting;

    public Deliveries(Bus bus, Sequencer<Push> here, MeterRegistry meters) {
        this.bus = bus;
        this.here = here;
        this.unrouted = meters.counter("herald.routes.unknown");
        this.stale = meters.counter("herald.routes.stale");
    }

    /** @param receivers those that the message names, or the members of the channel and whom its id names */
    public void add(ChannelMessage message, Set<String> receivers) {
        all.add(message);
        ours.add(Arrivals.item(message, receivers));
    }

    /** Tells of what was added since the last time. */
    public void flush() {
        if (all.isEmpty()) {
            return;
        }
        here.accept(ours);
        if (!bus.isAlone()) {
            elsewhere(List.copyOf(all));
        }
        all.clear();
        ours.clear();
    }

    private void elsewhere(List<ChannelMessage> messages) {
        List<ChannelMessage> persons =
                messages.stream().filter(Deliveries::isToPersons).toList();
        List<ChannelMessage> groups =
                messages.stream().filter(message -> !isToPersons(message)).toList();
        // Two ways would part what one sender has sent to both.
        if (!Collections.disjoint(sendersOf(persons), sendersOf(groups))) {
            last = last.onComplete(before -> everywhere(messages));
            return;
        }
        Future<Routes> routes = waiting < MAX_WAITING
                ? routes(uidsOf(persons))
                : Future.failedFuture(new HeraldException(Failure.OVERLOADED, "too many ask for routes"));
        waiting++;
        last = last.eventually(() -> routes.<Void>map(found -> {
                            everywhere(groups);
                            route(persons, found);
                            return null;
                        })
                        .otherwise(cause -> {
                            unrouted.increment(persons.size());
                            everywhere(messages);
                            return null;
                        }))
                .onComplete(sent -> waiting--);
    }

    private void everywhere(List<ChannelMessage> messages) {
        if (!messages.isEmpty()) {
            bus.toOthers(Addresses.MESSAGES_COMMITTED, new ChannelMessages(messages));
        }
    }

    /** Who was not where the registry had them is looked up once more: they may have moved meanwhile. */
    private void route(List<ChannelMessage> messages, Routes routes) {
        byNode(routes).forEach((node, uids) -> {
            if (node != bus.incarnation()) {
                tell(node, messages, uids).onSuccess(absent -> {
                    if (!absent.isEmpty()) {
                        stale.increment(absent.size());
                        routes(absent).onSuccess(now -> byNode(without(routes, now))
                                .forEach((other, moved) -> tell(other, messages, moved)));
                    }
                });
            }
        });
    }

    /**
     * Tells one node of what goes to some of these users: all that receive it, since they may be there, too.
     *
     * @return those of these users who have no session there, all of them if it does not answer
     */
    private Future<Set<String>> tell(long node, List<ChannelMessage> messages, Set<String> uids) {
        List<ChannelMessage> theirs = messages.stream()
                .filter(message -> !Collections.disjoint(message.uids(), uids))
                .toList();
        return bus.request(node, Addresses.MESSAGES_COMMITTED, new ChannelMessages(theirs))
                .map(Absent::uids)
                .otherwise(cause -> uids)
                .map(absent -> absent.stream().filter(uids::contains).collect(Collectors.toUnmodifiableSet()));
    }

    private Future<Routes> routes(Set<String> uids) {
        return uids.isEmpty()
                ? Future.succeededFuture(NOBODY)
                : bus.request(Addresses.SESSION_ROUTES, new RouteQuery(uids));
    }

    private static boolean isToPersons(ChannelMessage message) {
        return !message.uids().isEmpty();
    }

    private static Set<String> sendersOf(Collection<ChannelMessage> messages) {
        return messages.stream().map(message -> message.delivery().fromUid()).collect(Collectors.toSet());
    }

    private static Set<String> uidsOf(Collection<ChannelMessage> messages) {
        return messages.stream().flatMap(message -> message.uids().stream()).collect(Collectors.toSet());
    }

    private static Map<Long, Set<String>> byNode(Routes routes) {
        Map<Long, Set<String>> nodes = new HashMap<>();
        routes.nodes()
                .forEach((uid, places) -> places.forEach(node ->
                        nodes.computeIfAbsent(node, it -> new HashSet<>()).add(uid)));
        return nodes;
    }

    /** The places that are new. */
    private static Routes without(Routes before, Routes now) {
        Map<String, Set<Long>> fresh = new HashMap<>();
        now.nodes().forEach((uid, nodes) -> {
            Set<Long> known = before.nodes().getOrDefault(uid, Set.of());
            fresh.put(uid, nodes.stream().filter(node -> !known.contains(node)).collect(Collectors.toSet()));
        });
        return new Routes(fresh);
    }
}
