package dev.herald.socket.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.InboxMessage.Ack;
import dev.herald.bus.message.InboxMessage.AckInboxes;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@Timeout(120)
class AcksTest {
    private final List<Promise<Done>> answers = new CopyOnWriteArrayList<>();
    private final List<List<Ack>> heard = new CopyOnWriteArrayList<>();
    private final List<Future<Done>> kept = new CopyOnWriteArrayList<>();

    @Test
    void tells_at_once_what_one_turn_brings_and_then_what_came_meanwhile(Vertx vertx) {
        Acks acks = acks(vertx);
        vertx.runOnContext(turn -> add(acks, 1, 3));
        await().until(() -> heard.size() == 1);
        vertx.runOnContext(turn -> add(acks, 4, 4));
        vertx.runOnContext(turn -> add(acks, 5, 5));
        await().until(() -> kept.size() == 5);
        assertThat(heard).hasSize(1);

        answers.get(0).complete(Done.DONE);
        await().until(() -> heard.size() == 2);
        assertThat(heard).containsExactly(acks(1, 3), acks(4, 5));
        await().until(() -> kept.subList(0, 3).stream().allMatch(Future::succeeded));
        assertThat(kept.subList(3, 5)).noneMatch(Future::isComplete);
    }

    @Test
    void a_request_has_a_bound_and_its_failure_is_that_of_its_own_acknowledgements(Vertx vertx) {
        Acks acks = acks(vertx);
        vertx.runOnContext(turn -> add(acks, 1, AckInboxes.MOST + 1));
        await().until(() -> heard.size() == 1);
        assertThat(heard.getFirst()).hasSize(AckInboxes.MOST);

        answers.get(0).fail(new HeraldException(Failure.UNAVAILABLE, "Redis is not connected"));
        await().until(() -> heard.size() == 2);
        answers.get(1).complete(Done.DONE);
        await().until(() -> kept.stream().allMatch(Future::isComplete));
        assertThat(kept.subList(0, AckInboxes.MOST)).allMatch(Future::failed);
        assertThat(kept.getLast().succeeded()).isTrue();

        vertx.runOnContext(turn -> add(acks, 9, 9));
        await().until(() -> heard.size() == 3);
    }

    @Test
    void a_device_may_tell_more_some_time_after_what_it_told_was_kept(Vertx vertx) {
        Acks acks = acks(vertx);
        vertx.runOnContext(turn -> add(acks, 1, 1));
        await().until(() -> heard.size() == 1);
        long answered = System.nanoTime();
        answers.get(0).complete(Done.DONE);
        await().until(() -> kept.getFirst().succeeded());
        assertThat(Duration.ofNanos(System.nanoTime() - answered)).isGreaterThanOrEqualTo(Acks.REST);
    }

    private Acks acks(Vertx vertx) {
        Bus bus = new Bus(vertx);
        bus.serve(Addresses.INBOX_ACK, told -> {
            Promise<Done> answer = Promise.promise();
            answers.add(answer);
            heard.add(told.list());
            return answer.future();
        });
        return new Acks(vertx, bus);
    }

    private void add(Acks acks, int from, int to) {
        acks(from, to).forEach(ack -> kept.add(acks.add(ack)));
    }

    private static List<Ack> acks(int from, int to) {
        return IntStream.rangeClosed(from, to)
                .mapToObj(seq -> new Ack("u" + seq, OptionalInt.of(1), seq, false))
                .toList();
    }
}
