package dev.herald.messaging;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.MessagingMessage.ChannelMessage;
import dev.herald.bus.message.MessagingMessage.ChannelMessages;
import dev.herald.bus.message.PresenceMessage.RouteQuery;
import dev.herald.bus.message.PresenceMessage.Routes;
import dev.herald.bus.message.SocketMessage.Absent;
import dev.herald.bus.message.SocketMessage.Push;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
        here(push);
        if (!bus.isAlone()) {
            persons.add(push);
        }
    }

    /** @param receivers the members of the group at the message's revision, and whom its id names */
    void toGroup(ChannelMessage message, Set<String> receivers) {
        here(new Push(receivers, message.delivery(), message.skipSession()));
        if (!bus.isAlone()) {
            groups.add(message);
        }
    }

    /** Tells the other nodes of what was given since the last time, in that order. */
    void flush() {
        if (!groups.isEmpty()) {
            bus.toOthers(Addresses.MESSAGES_COMMITTED, new ChannelMessages(groups));
            groups.clear();
        }
        if (!persons.isEmpty()) {
            List<Push> pushes = List.copyOf(persons);
            persons.clear();
            elsewhere(pushes);
        }
    }

    private void here(Push push) {
        bus.toNode(bus.incarnation(), Addresses.SOCKETS_PUSH, push);
    }

    private void elsewhere(List<Push> pushes) {
        if (waiting >= MAX_WAITING) {
            everywhere(pushes);
            return;
        }
        waiting++;
        Future<Routes> routes = routes(uidsOf(pushes));
        last = last.eventually(() -> routes.<Void>map(found -> {
                            pushes.forEach(push -> route(push, found));
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
        pushes.forEach(push -> bus.toOthers(Addresses.SOCKETS_PUSH, push));
    }

    private void route(Push push, Routes routes) {
        nodesOf(push.uids(), routes).forEach((node, uids) -> {
            if (node != bus.incarnation()) {
                ask(node, push, uids).onSuccess(absent -> again(push, absent, routes));
            }
        });
    }

    /** Who was not where the registry had them is looked up once more: they may have moved meanwhile. */
    private void again(Push push, Set<String> absent, Routes before) {
        if (absent.isEmpty()) {
            return;
        }
        stale.increment(absent.size());
        routes(absent).onSuccess(now -> nodesOf(absent, now).forEach((node, uids) -> {
            uids.removeIf(uid -> before.nodes().getOrDefault(uid, Set.of()).contains(node));
            if (!uids.isEmpty()) {
                ask(node, push, uids);
            }
        }));
    }

    /** Those of the users who have no session on the node, all of them if it does not answer. */
    private Future<Set<String>> ask(long node, Push push, Set<String> uids) {
        return bus.request(node, Addresses.SOCKETS_DELIVER, new Push(uids, push.delivery(), push.skipSession()))
                .map(Absent::uids)
                .otherwise(uids);
    }

    private Future<Routes> routes(Set<String> uids) {
        return bus.request(Addresses.SESSION_ROUTES, new RouteQuery(uids));
    }

    private static Map<Long, Set<String>> nodesOf(Set<String> uids, Routes routes) {
        Map<Long, Set<String>> nodes = new HashMap<>();
        for (String uid : uids) {
            for (long node : routes.nodes().getOrDefault(uid, Set.of())) {
                nodes.computeIfAbsent(node, it -> new HashSet<>()).add(uid);
            }
        }
        return nodes;
    }

    private static Set<String> uidsOf(List<Push> pushes) {
        Set<String> uids = new HashSet<>();
        pushes.forEach(push -> uids.addAll(push.uids()));
        return uids;
    }
}
