package dev.herald.socket.send;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.bus.message.MessagingMessage.SendAnswer;
import dev.herald.bus.message.MessagingMessage.SendAnswers;
import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.bus.message.MessagingMessage.SendMessages;
import dev.herald.lifecycle.SteadyClock;
import dev.herald.model.Reason;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The SENDs of one instance on their way: those that one turn of its event loop brings are one message on the bus, and
 * each of them is answered as soon as it can be.
 */
final class SendBatches {
    private static final Logger log = LoggerFactory.getLogger(SendBatches.class);

    /** Between two looks for what is overdue. */
    private static final long LOOK_MILLIS = 1_000;

    private final Vertx vertx;
    private final Bus bus;
    private final long patienceMillis;

    /** Names this one to those who answer. */
    private final String name = UUID.randomUUID().toString();

    /** The oldest first. */
    private final Map<Long, Batch> open = new LinkedHashMap<>();

    private List<SendMessage> messages = new ArrayList<>();
    private List<Promise<MessageSent>> answers = new ArrayList<>();
    private long number;
    private boolean looking;

    SendBatches(Vertx vertx, Bus bus) {
        this(vertx, bus, Addresses.MESSAGES_SEND.deadline());
    }

    /** @param patience for an answer */
    SendBatches(Vertx vertx, Bus bus, Duration patience) {
        this.vertx = vertx;
        this.bus = bus;
        this.patienceMillis = patience.toMillis();
        bus.hear(Addresses.answersTo(name), this::take);
    }

    /** The SENDs of one turn. */
    private static final class Batch {
        private final List<Promise<MessageSent>> answers;
        private final long since;
        private int unanswered;

        Batch(List<Promise<MessageSent>> answers, long since) {
            this.answers = answers;
            this.since = since;
            this.unanswered = answers.size();
        }
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

    private void sendAll() {
        open.put(++number, new Batch(answers, SteadyClock.millis()));
        bus.tell(Addresses.MESSAGES_SEND, new SendMessages(name, number, messages));
        messages = new ArrayList<>();
        answers = new ArrayList<>();
        lookLater();
    }

    private void take(SendAnswers told) {
        for (SendAnswer answer : told.list()) {
            Batch batch = open.get(answer.number());
            if (batch != null) {
                batch.answers.get(answer.place()).complete(answer.sent());
                if (--batch.unanswered == 0) {
                    open.remove(answer.number());
                }
            }
        }
    }

    private void lookLater() {
        if (!looking && !open.isEmpty()) {
            looking = true;
            vertx.setTimer(Math.min(patienceMillis, LOOK_MILLIS), id -> {
                looking = false;
                refuseOverdue(SteadyClock.millis() - patienceMillis);
                lookLater();
            });
        }
    }

    private void refuseOverdue(long latest) {
        Iterator<Batch> oldest = open.values().iterator();
        while (oldest.hasNext()) {
            Batch batch = oldest.next();
            if (batch.since > latest) {
                return;
            }
            oldest.remove();
            log.warn("SENDs={} are not answered", batch.unanswered);
            batch.answers.forEach(answer -> answer.tryComplete(MessageSent.refused(Reason.SYSTEM_ERROR)));
        }
    }
}
