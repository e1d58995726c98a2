package dev.herald.bus;

import dev.herald.bus.message.BusMessage;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.micrometer.core.instrument.Metrics;
import io.vertx.core.Future;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What becomes of an answer on its way: a throw or a failed future goes as a code, and arrives as a failure again. */
final class Replies {
    private static final Logger log = LoggerFactory.getLogger(Replies.class);

    private Replies() {}

    static DeliveryOptions options(Address<?, ?> address) {
        return new DeliveryOptions()
                .setCodecName(BusCodec.NAME)
                .setSendTimeout(address.deadline().toMillis());
    }

    static DeliveryOptions inside(Address<?, ?> address) {
        return options(address).setLocalOnly(true);
    }

    static <Q extends BusMessage, R extends BusMessage> void answer(
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
            log.atError()
                    .addKeyValue("address", address.value())
                    .setCause(cause)
                    .log("failed");
        }
        if (failure == Failure.OVERLOADED) {
            Metrics.counter("herald.overloaded", "part", address.value()).increment();
        }
        if (message.replyAddress() != null) {
            message.fail(failure.busCode(), String.valueOf(cause.getMessage()));
        } else if (failure != Failure.INTERNAL) {
            log.atWarn().addKeyValue("address", address.value()).log("told in vain: {}", cause.getMessage());
        }
    }

    /** Whether nobody is there who could have answered. */
    static boolean isMissing(Throwable cause) {
        return cause instanceof ReplyException reply && reply.failureType() == ReplyFailure.NO_HANDLERS;
    }

    static Throwable translate(Address<?, ?> address, Throwable cause) {
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
