package dev.herald.bus;

import dev.herald.bus.message.BusMessage;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.micrometer.core.instrument.Metrics;
import io.vertx.core.Future;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where other nodes reach this one: two subscriptions in the cluster, whatever the node serves, since what each costs is
 * paid by every node whenever one comes or goes. A message names the address inside, and is passed on to it.
 */
final class Gate {
    private static final Logger log = LoggerFactory.getLogger(Gate.class);

    static final String ALL = "nodes";
    private static final String ADDRESS = "address";
    private static final String FROM = "from";

    /** Of a ping: how much was sent before it. */
    private static final String SENT = "sent";

    private final EventBus eventBus;
    private final long incarnation;
    private final String from;
    private final Map<String, Address<?, ?>> admitted = new ConcurrentHashMap<>();
    private final Tally tally = new Tally();
    private final Runnable onLoss;
    private final Set<String> refused = ConcurrentHashMap.newKeySet();

    /** @param onLoss told when something that another node has sent did not come */
    Gate(EventBus eventBus, long incarnation, Runnable onLoss) {
        this.eventBus = eventBus;
        this.incarnation = incarnation;
        this.from = Long.toString(incarnation);
        this.onLoss = onLoss;
    }

    static String of(long incarnation) {
        return "node." + incarnation;
    }

    void toAll(Address<?, ?> address, BusMessage body) {
        tally.sentToAll();
        eventBus.publish(ALL, body, to(address));
    }

    void to(long node, Address<?, ?> address, BusMessage body) {
        eventBus.publish(of(node), body, counted(node, to(address)));
    }

    /** How to ask one node. */
    DeliveryOptions asking(long node, Address<?, ?> address) {
        DeliveryOptions options = to(address);
        return counted(
                node,
                address.equals(Addresses.NODE_PING)
                        ? options.addHeader(SENT, Long.toString(tally.sent(node)))
                        : options);
    }

    /** The other nodes are these. */
    void retain(Set<Long> incarnations) {
        tally.retain(incarnations);
    }

    private DeliveryOptions counted(long node, DeliveryOptions options) {
        tally.sentTo(node);
        return options;
    }

    private DeliveryOptions to(Address<?, ?> address) {
        return Bus.options(address).addHeader(ADDRESS, address.value()).addHeader(FROM, from);
    }

    long incarnation() {
        return incarnation;
    }

    Future<Void> open() {
        return Future.all(List.of(of(incarnation), ALL).stream()
                        .map(name -> eventBus.consumer(name, this::pass))
                        .map(MessageConsumer::completion)
                        .toList())
                .mapEmpty();
    }

    /** Nothing comes in from outside but to addresses that are meant for it. */
    void admit(Address<?, ?> address) {
        if (address.scope() != Scope.LOCAL) {
            admitted.put(address.value(), address);
        }
    }

    private void pass(Message<Object> message) {
        if (from.equals(message.headers().get(FROM))) {
            return;
        }
        count(message);
        String name = message.headers().get(ADDRESS);
        Address<?, ?> address = name == null ? null : admitted.get(name);
        if (address == null) {
            refuse(message, "address", "nobody serves " + name);
            return;
        }
        try {
            if (message.body() instanceof BusMessage body) {
                pass(message, address, body);
            } else {
                refuse(message, "form", "unknown form");
            }
        } catch (HeraldException e) {
            refuse(message, "form", String.valueOf(e.getMessage()));
        }
    }

    /** A node of the version before counts nothing. */
    private void count(Message<?> message) {
        String node = message.headers().get(FROM);
        String sent = message.headers().get(SENT);
        try {
            if (sent != null && tally.misses(Long.parseLong(node), Long.parseLong(sent))) {
                Metrics.counter("herald.bus.losses").increment();
                log.atInfo().addKeyValue("node", node).log("not all that it has sent came here");
                onLoss.run();
            }
            tally.received(Long.parseLong(node));
        } catch (NumberFormatException e) {
            log.debug("a stranger's message", e);
        }
    }

    private void pass(Message<?> message, Address<?, ?> address, BusMessage body) {
        if (message.replyAddress() == null) {
            eventBus.publish(address.value(), body, Bus.inside(address));
            return;
        }
        eventBus.<BusMessage>request(address.value(), body, Bus.inside(address))
                .onSuccess(reply -> message.reply(reply.body(), Bus.options(address)))
                .onFailure(cause -> {
                    Throwable failed = Bus.translate(address, cause);
                    message.fail(HeraldException.failureOf(failed).busCode(), failed.getMessage());
                });
    }

    /** Of another version, or of a stranger: each reason is logged once and counted always. */
    private void refuse(Message<?> message, String reason, String text) {
        Metrics.counter("herald.bus.refused", "reason", reason).increment();
        if (refused.add(reason)) {
            log.warn("refused a message of another node, as all of its kind will be: {}", text);
        }
        if (message.replyAddress() != null) {
            message.fail(Failure.INVALID.busCode(), text);
        }
    }
}
