package dev.herald.socket;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.bus.message.MessagingMessage.SendMessages;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.model.Reason;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one turn of an instance's event loop brings, gathered until its end: the SENDs of all connections are one message
 * on the bus, and whatever a socket was written is one call of the system.
 */
final class Turn {
    private static final Logger log = LoggerFactory.getLogger(Turn.class);

    private final Vertx vertx;
    private final Bus bus;
    private List<SendMessage> messages = new ArrayList<>();
    private List<Promise<MessageSent>> answers = new ArrayList<>();
    private List<Outbox> written = new ArrayList<>();

    Turn(Vertx vertx, Bus bus) {
        this.vertx = vertx;
        this.bus = bus;
    }

    /** Fails never: what could not be sent is refused. */
    Future<MessageSent> send(SendMessage message) {
        if (messages.isEmpty()) {
            vertx.runOnContext(v -> sendAll());
        }
        Promise<MessageSent> answer = Promise.promise();
        messages.add(message);
        answers.add(answer);
        return answer.future();
    }

    /** To be told to flush when the turn ends. */
    void written(Outbox outbox) {
        if (written.isEmpty()) {
            vertx.runOnContext(v -> flushAll());
        }
        written.add(outbox);
    }

    private void sendAll() {
        SendMessages batch = new SendMessages(messages);
        List<Promise<MessageSent>> waiting = answers;
        messages = new ArrayList<>();
        answers = new ArrayList<>();
        bus.request(Addresses.MESSAGES_SEND, batch)
                .onSuccess(sent -> {
                    for (int i = 0; i < waiting.size(); i++) {
                        waiting.get(i).complete(sent.list().get(i));
                    }
                })
                .onFailure(cause -> {
                    MessageSent refused = MessageSent.refused(reasonOf(cause));
                    waiting.forEach(answer -> answer.complete(refused));
                });
    }

    private void flushAll() {
        List<Outbox> all = written;
        written = new ArrayList<>();
        all.forEach(Outbox::flush);
    }

    private static Reason reasonOf(Throwable cause) {
        Failure failure = HeraldException.failureOf(cause);
        log.debug("SENDs failed: {} {}", failure, cause.getMessage());
        return failure == Failure.OVERLOADED ? Reason.RATE_LIMIT : Reason.SYSTEM_ERROR;
    }
}
