package dev.herald.socket.send;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.model.Delivery.Header;
import dev.herald.model.Reason;
import dev.herald.wire.Frame.SendAck;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SendLaneTest {
    private final List<SendAck> out = new ArrayList<>();
    private final List<Promise<SendAck>> answers = new ArrayList<>();
    private int rooms;
    private final SendLane lane = new SendLane(4, out::add, () -> rooms++);

    @Property
    void keeps_the_order_of_the_sends(@ForAll long seed, @ForAll @IntRange(min = 1, max = 50) int count) {
        List<SendAck> acks = new ArrayList<>();
        List<Promise<SendAck>> promises = new ArrayList<>();
        SendLane bounded = new SendLane(8, acks::add, () -> {});
        for (int i = 0; i < count; i++) {
            Promise<SendAck> promise = Promise.promise();
            promises.add(promise);
            bounded.add(1, promise.future());
        }
        List<Integer> order = new ArrayList<>(
                LongStream.range(0, count).mapToInt(i -> (int) i).boxed().toList());
        Collections.shuffle(order, new Random(seed));
        order.forEach(i -> promises.get(i).complete(ack(i)));
        assertThat(acks.stream().map(SendAck::clientSeq))
                .containsExactlyElementsOf(LongStream.range(0, count).boxed().toList());
    }

    @Test
    void is_full_at_the_bound_and_tells_once_when_half_are_answered() {
        for (int i = 0; i < 4; i++) {
            assertThat(lane.isFull()).isFalse();
            add();
        }
        assertThat(lane.isFull()).isTrue();
        answer(0);
        assertThat(lane.isFull()).isTrue();
        assertThat(rooms).isZero();
        answer(1);
        assertThat(lane.isFull()).isFalse();
        answer(2);
        answer(3);
        assertThat(rooms).isEqualTo(1);
    }

    @Test
    void is_full_of_few_large_payloads_too() {
        add(SendLane.MAX_BYTES - 1);
        assertThat(lane.isFull()).isFalse();
        add(1);
        assertThat(lane.isFull()).isTrue();
        answer(0);
        assertThat(lane.isFull()).isFalse();
        assertThat(lane.bytes()).isOne();
        assertThat(rooms).isOne();
    }

    private void add() {
        add(1);
    }

    private void add(int size) {
        Promise<SendAck> promise = Promise.promise();
        answers.add(promise);
        lane.add(size, promise.future());
    }

    private void answer(int index) {
        answers.get(index).complete(ack(index));
    }

    private static SendAck ack(int seq) {
        return SendAck.refused(Header.PLAIN, seq, Reason.SYSTEM_ERROR);
    }
}
