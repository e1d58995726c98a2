package dev.herald.bus;

import dev.herald.bus.message.BusMessage;
import dev.herald.bus.message.Done;
import io.vertx.core.Future;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/** All that one part of a node answers on the bus, from its start to its stop. Used on one context. */
public final class Service {
    private final Bus bus;
    private final List<MessageConsumer<?>> consumers = new ArrayList<>();

    public Service(Bus bus) {
        this.bus = bus;
    }

    /** As {@link Bus#serve}. */
    public <Q extends BusMessage, R extends BusMessage> Service serve(
            Address<Q, R> address, Function<Q, Future<R>> handler) {
        consumers.add(bus.serve(address, handler));
        return this;
    }

    /** As {@link Bus#hear}. */
    public <Q extends BusMessage> Service hear(Address<Q, Done> address, Consumer<Q> handler) {
        consumers.add(bus.hear(address, handler));
        return this;
    }

    /** Done when everything that is said from then on is heard. */
    public Future<?> ready() {
        return Future.all(consumers.stream().map(MessageConsumer::completion).toList());
    }

    /** Done when nothing is heard any more. */
    public Future<?> close() {
        return Future.join(consumers.stream().map(MessageConsumer::unregister).toList());
    }
}
