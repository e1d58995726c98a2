package dev.herald.bus;

import dev.herald.bus.message.BusMessage;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.SocketMessage.InboxesChanged;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.micrometer.core.instrument.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.spi.cluster.ClusterManager;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The only user of Vert.x's event bus: typed addresses, a deadline on every request, failures as codes. What is said
 * inside a node never leaves the process, and what comes from another node comes through its {@link Gate}.
 */
public final class Bus {
    private final EventBus eventBus;
    private final @Nullable ClusterManager members;
    private final @Nullable Gate gate;
    private final Vertx vertx;
    private final Probe probe = new Probe(this::ping, this::replay);

    /** A bus of one process alone, which is every node at once. */
    public Bus(Vertx vertx) {
        this(vertx, null);
    }

    private Bus(Vertx vertx, @Nullable Long incarnation) {
        this.vertx = vertx;
        this.eventBus = vertx.eventBus();
        this.members = ((VertxInternal) vertx).clusterManager();
        this.gate = incarnation == null ? null : new Gate(eventBus, incarnation, this::lost);
        eventBus.registerCodec(new BusCodec());
    }

    /** The bus of a node, which others reach by its incarnation once this is done. */
    public static Future<Bus> join(Vertx vertx, long incarnation) {
        Bus bus = new Bus(vertx, Long.valueOf(incarnation));
        bus.serve(Addresses.NODE_PING, ping -> Future.succeededFuture(Done.DONE));
        return Objects.requireNonNull(bus.gate).open().map(bus);
    }

    /** Answers the messages of an address on the calling context; a throw or a failed future becomes a failure code. */
    public <Q extends BusMessage, R extends BusMessage> MessageConsumer<Q> serve(
            Address<Q, R> address, Function<Q, Future<R>> handler) {
        if (gate != null) {
            gate.admit(address);
        }
        MessageConsumer<Q> consumer = eventBus.localConsumer(address.value());
        return consumer.handler(message -> Replies.answer(address, message, handler));
    }

    /** The same for what asks for no answer. */
    public <Q extends BusMessage> MessageConsumer<Q> hear(Address<Q, Done> address, Consumer<Q> handler) {
        return serve(address, body -> {
            handler.accept(body);
            return Future.succeededFuture(Done.DONE);
        });
    }

    /** Asks a verticle of this process. */
    public <Q extends BusMessage, R extends BusMessage> Future<R> request(Address<Q, R> address, Q body) {
        return ask(address.value(), address, body, Replies.inside(address));
    }

    /** Asks a verticle of one node. It fails at once, as not found, if the bus does not know the node. */
    public <Q extends BusMessage, R extends BusMessage> Future<R> request(
            long incarnation, Address<Q, R> address, Q body) {
        return gate == null || gate.incarnation() == incarnation
                ? request(address, body)
                : ask(Gate.of(incarnation), address, body, gate.toOne(incarnation, address));
    }

    /**
     * Sends without an answer, to one consumer in this process: what is lost here must be found again by its reader's
     * sweep.
     */
    public <Q extends BusMessage> void tell(Address<Q, ?> address, Q body) {
        eventBus.send(address.value(), body, Replies.inside(address));
    }

    /** Sends without an answer, to every consumer in this process, or in all of them if that is the address' scope. */
    public <Q extends BusMessage> void publish(Address<Q, ?> address, Q body) {
        eventBus.publish(address.value(), body, Replies.inside(address));
        if (address.scope() == Scope.CLUSTER) {
            toOthers(address, body);
        }
    }

    /** Sends without an answer, to every consumer in every other node. */
    public <Q extends BusMessage> void toOthers(Address<Q, ?> address, Q body) {
        if (gate != null && !isAlone()) {
            eventBus.publish(Gate.ALL, body, gate.toAll(address));
        }
    }

    /** Whether the bus knows of no other node. */
    public boolean isAlone() {
        return members == null || members.getNodes().size() <= 1;
    }

    /** The nodes that the bus knows, this one included, by names that only tell one from another. */
    public Set<String> nodes() {
        return members == null ? Set.of("this") : Set.copyOf(members.getNodes());
    }

    /** The incarnation of this node; 0 if it is alone by nature. */
    public long incarnation() {
        return gate == null ? 0 : gate.incarnation();
    }

    /** Tells the bus which other nodes live: those that do not answer are heard of here. Always from one context. */
    public void expect(Set<Long> incarnations) {
        probe.expect(vertx, incarnations);
        if (gate != null) {
            gate.retain(incarnations);
        }
    }

    /** Incarnations of nodes that live but do not answer: what is told to them waits for their sweeps, and so may ours. */
    public Set<Long> unreachable() {
        return probe.unreachable();
    }

    /** Sends without an answer, to every consumer in one node; a node that the bus does not know hears nothing. */
    public <Q extends BusMessage> void toNode(long incarnation, Address<Q, ?> address, Q body) {
        if (gate == null || gate.incarnation() == incarnation) {
            eventBus.publish(address.value(), body, Replies.inside(address));
        } else {
            eventBus.publish(Gate.of(incarnation), body, gate.toOne(incarnation, address));
        }
    }

    private Future<?> ping(long peer) {
        return gate == null
                ? Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, "this node has no bus to others"))
                : ask(Gate.of(peer), Addresses.NODE_PING, Done.DONE, gate.ping(peer, Addresses.NODE_PING));
    }

    /** Those who read what others write look for what they were not woken for. */
    private void replay() {
        publish(Addresses.SOCKETS_REPLAY, new InboxesChanged());
    }

    private void lost() {
        Metrics.counter("herald.bus.losses").increment();
        replay();
        tell(Addresses.MESSAGES_UNTOLD, Done.DONE);
    }

    private <Q extends BusMessage, R extends BusMessage> Future<R> ask(
            String to, Address<Q, R> address, Q body, DeliveryOptions options) {
        return eventBus.<R>request(to, body, options)
                .map(Message::body)
                .recover(cause -> Future.failedFuture(
                        Replies.isMissing(cause) && !to.equals(address.value())
                                ? new HeraldException(Failure.NOT_FOUND, to + " is not there")
                                : Replies.translate(address, cause)));
    }
}
