package dev.herald.socket.send;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.bus.message.MessagingMessage.SendAnswer;
import dev.herald.bus.message.MessagingMessage.SendAnswers;
import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.bus.message.MessagingMessage.SendMessages;
import dev.herald.it.OnLoop;
import dev.herald.it.Sql;
import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Payload;
import dev.herald.model.Reason;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.Timeout;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@Timeout(20_000)
class SendBatchesTest {
    private static final MessageSent STORED = new MessageSent(Reason.SUCCESS, 7, 1);

    private final List<SendMessages> told = new CopyOnWriteArrayList<>();

    @Test
    void all_of_a_turn_is_one_message_and_each_is_answered_when_it_can_be(Vertx vertx) {
        Bus bus = new Bus(vertx);
        bus.hear(Addresses.MESSAGES_SEND, told::add);
        List<Future<MessageSent>> sent = send(vertx, bus, Duration.ofMinutes(1));

        Awaitility.await().until(() -> told.size() == 1);
        assertThat(told.getFirst().list()).hasSize(2);
        answer(bus, 1);
        assertThat(Sql.await(sent.get(1))).isEqualTo(STORED);
        assertThat(sent.getFirst().isComplete()).isFalse();
        answer(bus, 0);
        assertThat(Sql.await(sent.getFirst())).isEqualTo(STORED);
    }

    @Test
    void what_nobody_answers_is_refused_in_the_end(Vertx vertx) {
        Bus bus = new Bus(vertx);
        bus.hear(Addresses.MESSAGES_SEND, messages -> {
            told.add(messages);
            answer(bus, 0);
        });
        List<Future<MessageSent>> sent = send(vertx, bus, Duration.ofMillis(300));

        assertThat(Sql.await(sent.get(1)).reason()).isEqualTo(Reason.SYSTEM_ERROR);
        assertThat(Sql.await(sent.getFirst())).isEqualTo(STORED);
        // Too late, and heard by nobody.
        answer(bus, 1);
    }

    private static List<Future<MessageSent>> send(Vertx vertx, Bus bus, Duration patience) {
        return new OnLoop(vertx.getOrCreateContext()).call(() -> {
            SendBatches batches = new SendBatches(vertx, bus, patience);
            return Future.succeededFuture(List.of(batches.send(message("c1")), batches.send(message("c2"))));
        });
    }

    private void answer(Bus bus, int place) {
        SendMessages sent = told.getFirst();
        bus.tell(
                Addresses.answersTo(sent.answersTo()),
                new SendAnswers(List.of(new SendAnswer(sent.number(), place, STORED))));
    }

    private static SendMessage message(String number) {
        return new SendMessage("u1", 1, false, ChannelKey.group("g1"), number, Header.PLAIN, 0, 0, "", Payload.EMPTY);
    }
}
