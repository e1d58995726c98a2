package dev.herald.bus;

import dev.herald.bus.message.BusMessage;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The only user of Vert.x's event bus: typed addresses, a deadline on every request, failures as codes. */
public final class Bus {
    private static final Logger log = LoggerFactory.getLogger(Bus.class);

    private final EventBus eventBus;

    public Bus(Vertx vertx) {
        this.eventBus = vertx.eventBus();
        LocalCodec.register(eventBus);
    }

    /** Answers the messages of an address on the calling context; a throw or a failed future becomes a failure code. */
    public <Q extends BusMessage, R extends BusMessage> MessageConsumer<Q> serve(
            Address<Q, R> address, Function<Q, Future<R>> handler) {
        MessageConsumer<Q> consumer = eventBus.localConsumer(address.value());
        return consumer.handler(message -> answer(address, message, handler));
    }

    public <Q extends BusMessage, R extends BusMessage> Future<R> request(Address<Q, R> address, Q body) {
        return eventBus.<R>request(address.value(), body, options(address))
                .map(Message::body)
                .recover(cause -> Future.failedFuture(translate(address, cause)));
    }

    /** Sends without an answer, to one consumer: what is lost here must be found again by its reader's sweep. */
    public <Q extends BusMessage> void tell(Address<Q, ?> address, Q body) {
        eventBus.send(address.value(), body, options(address));
    }

    /** Sends without an answer, to every consumer. */
    public <Q extends BusMessage> void publish(Address<Q, ?> address, Q body) {
        eventBus.publish(address.value(), body, options(address));
    }

    private static DeliveryOptions options(Address<?, ?> address) {
        return new DeliveryOptions()
                .setCodecName(LocalCodec.NAME)
                .setSendTimeout(address.deadline().toMillis());
    }

    private static <Q extends BusMessage, R extends BusMessage> void answer(
            Address<Q, R> address, Message<Q> message, Function<Q, Future<R>> handler) {
        Future<R> result;
        try {
            result = handler.apply(message.body());
        } catch (RuntimeException e) {
            result = Future.failedFuture(e);
        }
        result.onSuccess(reply -> {
                    if (message.replyAddress() != null) {
                        message.reply(reply, options(address));
                    }
                })
                .onFailure(cause -> fail(address, message, cause));
    }

    private static void fail(Address<?, ?> address, Message<?> message, Throwable cause) {
        Failure failure = HeraldException.failureOf(cause);
        if (failure == Failure.INTERNAL) {
            log.error("address={} failed", address.value(), cause);
        }
        if (message.replyAddress() != null) {
            message.fail(failure.busCode(), String.valueOf(cause.getMessage()));
        } else if (failure != Failure.INTERNAL) {
            log.warn("address={} told in vain: {}", address.value(), cause.getMessage());
        }
    }

    private static Throwable translate(Address<?, ?> address, Throwable cause) {
        if (!(cause instanceof ReplyException reply)) {
            return cause;
        }
        if (reply.failureType() == ReplyFailure.RECIPIENT_FAILURE) {
            return new HeraldException(Failure.ofBusCode(reply.failureCode()), String.valueOf(reply.getMessage()));
        }
        Failure failure = reply.failureType() == ReplyFailure.TIMEOUT ? Failure.TIMEOUT : Failure.UNAVAILABLE;
        return new HeraldException(failure, address.value() + " did not answer: " + reply.failureType());
    }
}
