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
import org.jspecify.annotations.Nullable;
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

    /** With a ping: how much the node has sent to this one. */
    private static final String SENT = "sent";

    private final EventBus eventBus;
    private final long incarnation;
    private final String from;
    private final Tally tally = new Tally();
    private final Runnable onLoss;
    private final Map<String, Address<?, ?>> admitted = new ConcurrentHashMap<>();
    private final Set<String> refused = ConcurrentHashMap.newKeySet();

    /** @param onLoss told when something that another node has sent did not come */
    Gate(EventBus eventBus, long incarnation, Runnable onLoss) {
        this.eventBus = eventBus;
        this.incarnation = incarnation;
        this.onLoss = onLoss;
        this.from = Long.toString(incarnation);
    }

    static String of(long incarnation) {
        return "node." + incarnation;
    }

    DeliveryOptions toAll(Address<?, ?> address) {
        tally.sentToAll();
        return to(address);
    }

    DeliveryOptions toOne(long node, Address<?, ?> address) {
        tally.sent(node);
        return to(address);
    }

    DeliveryOptions ping(long node, Address<?, ?> address) {
        return to(address).addHeader(SENT, Long.toString(tally.sentTo(node)));
    }

    /** Nothing is known any more of other nodes than these. */
    void retain(Set<Long> nodes) {
        tally.retain(nodes);
    }

    private DeliveryOptions to(Address<?, ?> address) {
        return Replies.options(address).addHeader(ADDRESS, address.value()).addHeader(FROM, from);
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
        String sender = message.headers().get(FROM);
        if (from.equals(sender)) {
            return;
        }
        count(sender, message.headers().get(SENT));
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

    private void count(@Nullable String sender, @Nullable String sent) {
        try {
            long node = Long.parseLong(sender);
            if (sent == null) {
                tally.came(node);
            } else if (tally.misses(node, Long.parseLong(sent))) {
                log.atWarn().addKeyValue("node", node).log("something that it sent did not come");
                onLoss.run();
            }
        } catch (NumberFormatException e) {
            log.debug("a message of a stranger: from={} sent={}", sender, sent);
        }
    }

    private void pass(Message<?> message, Address<?, ?> address, BusMessage body) {
        if (message.replyAddress() == null) {
            eventBus.publish(address.value(), body, Replies.inside(address));
            return;
        }
        eventBus.<BusMessage>request(address.value(), body, Replies.inside(address))
                .onSuccess(reply -> message.reply(reply.body(), Replies.options(address)))
                .onFailure(cause -> {
                    Throwable failed = Replies.translate(address, cause);
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
