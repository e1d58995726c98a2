package dev.herald.socket.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import dev.herald.model.Payload;
import dev.herald.wire.Frame.Recv;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Ordinary messages to clients that do not acknowledge them. */
class RedeliveryTest {
    private static final Delivery.Header PASSING = new Delivery.Header(true, false, false);
    private static final String REDELIVERED = "herald.messages.redelivered";
    private static final String GIVEN_UP = "herald.messages.unacknowledged";

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Redelivery messages =
            new Redelivery(Duration.ofSeconds(60), registry.counter(REDELIVERED), registry.counter(GIVEN_UP));
    private final List<Recv> out = new ArrayList<>();

    @Test
    void a_message_is_sent_five_times_more_with_dup_and_then_left() {
        messages.sent(recv(1, Delivery.Header.PLAIN, 10), 0);

        messages.repeat(59_999, () -> true, out::add);
        assertThat(out).isEmpty();
        for (int minute = 1; minute <= 10; minute++) {
            messages.repeat(minute * 60_000L, () -> true, out::add);
        }

        assertThat(out).hasSize(Redelivery.MAX_REPEATS).allMatch(Recv::dup);
        assertThat(messages.waiting()).isZero();
        assertThat(registry.counter(REDELIVERED).count()).isEqualTo(5);
        assertThat(registry.counter(GIVEN_UP).count()).isEqualTo(1);
    }

    @Test
    void an_acknowledgement_ends_it_for_its_message_in_any_order() {
        for (int id = 1; id <= 4; id++) {
            messages.sent(recv(id, Delivery.Header.PLAIN, 10), id);
        }

        assertThat(messages.acknowledge(3)).isTrue();
        assertThat(messages.acknowledge(1)).isTrue();
        assertThat(messages.acknowledge(3)).isFalse();
        messages.repeat(70_000, () -> true, out::add);

        assertThat(out).extracting(Recv::messageId).containsExactly(2L, 4L);
    }

    @Test
    void a_client_that_does_not_read_is_left_alone_until_it_does() {
        messages.sent(recv(1, Delivery.Header.PLAIN, 10), 0);
        messages.sent(recv(2, Delivery.Header.PLAIN, 10), 0);

        messages.repeat(60_000, out::isEmpty, out::add);
        assertThat(out).extracting(Recv::messageId).containsExactly(1L);
        messages.repeat(61_000, () -> true, out::add);
        assertThat(out).extracting(Recv::messageId).containsExactly(1L, 2L);
    }

    @Test
    void what_is_not_stored_is_not_sent_again() {
        messages.sent(recv(1, PASSING, 10), 0);

        assertThat(messages.waiting()).isZero();
    }

    @Test
    void what_its_sender_gave_an_end_is_not_sent_again_after_it() {
        Recv plain = recv(1, Delivery.Header.PLAIN, 10);
        messages.sent(ending(plain, 60), 0);
        messages.sent(ending(plain, Integer.MAX_VALUE), 0);

        messages.repeat(60_000, () -> true, out::add);

        assertThat(out).extracting(Recv::expireSeconds).containsExactly((long) Integer.MAX_VALUE);
    }

    @Test
    void who_acknowledges_nothing_costs_a_bounded_number_of_messages_and_bytes() {
        for (int id = 1; id <= 1_000; id++) {
            messages.sent(recv(id, Delivery.Header.PLAIN, 1), id);
        }
        assertThat(messages.waiting()).isEqualTo(Redelivery.MAX_MESSAGES);

        for (int id = 1_001; id <= 1_100; id++) {
            messages.sent(recv(id, Delivery.Header.PLAIN, Redelivery.MAX_BYTES / 4), id);
        }
        assertThat(messages.waiting()).isEqualTo(4);
        messages.repeat(100_000, () -> true, out::add);
        assertThat(out).extracting(Recv::messageId).containsExactly(1_097L, 1_098L, 1_099L, 1_100L);
    }

    private static Recv ending(Recv recv, long expireSeconds) {
        return new Recv(
                recv.header(),
                false,
                0,
                recv.fromUid(),
                recv.channel(),
                expireSeconds,
                recv.clientMsgNo(),
                recv.messageId(),
                recv.messageSeq(),
                recv.timestampSeconds(),
                "",
                recv.payload());
    }

    private static Recv recv(long id, Delivery.Header header, int size) {
        Payload payload = Payload.of("x".repeat(size));
        return new Recv(
                header, false, 0, "u9", ChannelKey.group("g1"), 0, "c" + id, id, id, 1_755_000_000L, "", payload);
    }
}
