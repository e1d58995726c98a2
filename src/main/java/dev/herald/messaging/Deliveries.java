package dev.herald.messaging;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.MessagingMessage.ChannelMessage;
import dev.herald.bus.message.MessagingMessage.ChannelMessages;
import dev.herald.bus.message.PresenceMessage.RouteQuery;
import dev.herald.bus.message.PresenceMessage.Routes;
import dev.herald.bus.message.SocketMessage.Absent;
import dev.herald.bus.message.SocketMessage.Push;
import dev.herald.bus.message.SocketMessage.Pushes;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Brings committed messages to the sessions of their receivers: here at once, to a group's members elsewhere by one
 * message for each node, to a person elsewhere by where the registry has the person's sessions.
 */
final class Deliveries {
    /** Batches that wait for their routes; further ones go to every node, which costs more but waits for nothing. */
    private static final int MAX_WAITING = 256;

    private final Bus bus;
    private final Counter unrouted;
    private final Counter stale;
    private final List<Push> all = new ArrayList<>();
    private final List<Push> persons = new ArrayList<>();
    private final List<ChannelMessage> groups = new ArrayList<>();
    private Future<Void> last = Future.succeededFuture();
    private int waiting;

    Deliveries(Bus bus, MeterRegistry meters) {
        this.bus = bus;
        this.unrouted = meters.counter("herald.routes.unknown");
        this.stale = meters.counter("herald.routes.stale");
    }

    /** For a person, or for two: the sender's other devices receive it, too. */
    void toPerson(Push push) {
        all.add(push);
        persons.add(push);
    }

    /** @param receivers the members of the group at the message's revision, and whom its id names */
    void toGroup(ChannelMessage message, Set<String> receivers) {
        all.add(new Push(receivers, message.delivery(), message.skipSession()));
        groups.add(message);
    }

    /** Pushes what was given since the last time, in that order. */
    void flush() {
        if (all.isEmpty()) {
            return;
        }
        bus.toNode(bus.incarnation(), Addresses.SOCKETS_PUSH, new Pushes(all));
        if (!bus.isAlone()) {
            if (!groups.isEmpty()) {
                bus.toOthers(Addresses.MESSAGES_COMMITTED, new ChannelMessages(groups));
            }
            if (!persons.isEmpty()) {
                elsewhere(List.copyOf(persons));
            }
        }
        all.clear();
        groups.clear();
        persons.clear();
    }

    private void elsewhere(List<Push> pushes) {
        if (waiting >= MAX_WAITING) {
            everywhere(pushes);
            return;
        }
        waiting++;
        Future<Routes> routes = routes(uidsOf(pushes));
        last = last.eventually(() -> routes.<Void>map(found -> {
                            route(pushes, found);
                            return null;
                        })
                        .otherwise(cause -> {
                            everywhere(pushes);
                            return null;
                        }))
                .onComplete(sent -> waiting--);
    }

    private void everywhere(List<Push> pushes) {
        unrouted.increment(pushes.size());
        bus.toOthers(Addresses.SOCKETS_PUSH, new Pushes(pushes));
    }

    private void route(List<Push> pushes, Routes routes) {
        byNode(pushes, routes).forEach((node, there) -> {
            if (node != bus.incarnation()) {
                ask(node, there).onSuccess(absent -> again(narrowed(there, absent), absent, routes));
            }
        });
    }

    /** Who was not where the registry had them is looked up once more: they may have moved meanwhile. */
    private void again(List<Push> pushes, Set<String> absent, Routes before) {
        if (absent.isEmpty()) {
            return;
        }
        stale.increment(absent.size());
        routes(absent).onSuccess(now -> byNode(pushes, without(before, now)).forEach(this::ask));
    }

    /** Those of the receivers who have no session on the node, all of them if it does not answer. */
    private Future<Set<String>> ask(long node, List<Push> pushes) {
        return bus.request(node, Addresses.SOCKETS_DELIVER, new Pushes(pushes))
                .map(Absent::uids)
                .otherwise(cause -> uidsOf(pushes));
    }

    private Future<Routes> routes(Set<String> uids) {
        return bus.request(Addresses.SESSION_ROUTES, new RouteQuery(uids));
    }

    private static Map<Long, List<Push>> byNode(List<Push> pushes, Routes routes) {
        Map<Long, List<Push>> nodes = new HashMap<>();
        for (Push push : pushes) {
            Map<Long, Set<String>> places = new HashMap<>();
            push.uids()
                    .forEach(uid -> routes.nodes().getOrDefault(uid, Set.of()).forEach(node -> places.computeIfAbsent(
                                    node, it -> new HashSet<>())
                            .add(uid)));
            places.forEach((node, uids) -> nodes.computeIfAbsent(node, it -> new ArrayList<>())
                    .add(new Push(uids, push.delivery(), push.skipSession())));
        }
        return nodes;
    }

    /** The pushes to these users only. */
    private static List<Push> narrowed(List<Push> pushes, Set<String> uids) {
        return pushes.stream()
                .map(push -> new Push(
                        push.uids().stream().filter(uids::contains).collect(Collectors.toSet()),
                        push.delivery(),
                        push.skipSession()))
                .filter(push -> !push.uids().isEmpty())
                .toList();
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

    private static Set<String> uidsOf(List<Push> pushes) {
        Set<String> uids = new HashSet<>();
        pushes.forEach(push -> uids.addAll(push.uids()));
        return uids;
    }
}
