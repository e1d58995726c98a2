package dev.herald.messaging.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.messaging.delivery.Sequencer.Found;
import dev.herald.messaging.delivery.Sequencer.Item;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** The bounds of waiting; that whatever is told ends in one order, {@link SequencerProperties} shows. */
class SequencerTest {
    private static final long PATIENCE = Sequencer.PATIENCE.toMillis();
    private static final int MAX_HELD = 2;
    private static final long START = 1_000_000;

    private final Log log = new Log();
    private final Sequencer<String> sequencer = new Sequencer<>(log, () -> log.now, MAX_HELD);

    /** What it asks of the log waits until the test answers or fails it. */
    private static final class Log implements Sequencer.Port<String> {
        final List<String> delivered = new ArrayList<>();
        final List<String> shed = new ArrayList<>();
        final List<Promise<Found<String>>> reads = new ArrayList<>();
        int skipped;
        long now = START;

        @Override
        public Future<Found<String>> missing(Item<String> before, OptionalLong after) {
            Promise<Found<String>> read = Promise.promise();
            reads.add(read);
            return read.future();
        }

        @Override
        public void deliver(List<String> messages) {
            delivered.addAll(messages);
        }

        @Override
        public void skipped(Item<String> before, OptionalLong after) {
            skipped++;
        }

        @Override
        public void shed(String message) {
            shed.add(message);
        }
    }

    @Test
    void what_comes_early_waits_before_the_log_is_asked() {
        tell(1, 1);
        tell(1, 3);
        look(PATIENCE - 1);
        assertThat(log.reads).isEmpty();
        look(1);
        assertThat(log.reads).hasSize(1);
        log.reads.getFirst().complete(new Found<>(List.of(item(1, 2)), false));
        assertThat(log.delivered).containsExactly("1-1", "1-2", "1-3");
    }

    @Test
    void a_gap_that_is_filled_in_part_waits_anew() {
        tell(1, 1);
        tell(1, 3);
        tell(1, 5);
        look(PATIENCE - 1);
        tell(1, 2);
        assertThat(log.delivered).containsExactly("1-1", "1-2", "1-3");
        look(PATIENCE - 1);
        assertThat(log.reads).isEmpty();
        look(1);
        assertThat(log.reads).hasSize(1);
    }

    @Test
    void what_there_is_no_room_for_is_shed_and_nothing_else() {
        tell(1, 1);
        tell(1, 3);
        tell(1, 4);
        assertThat(sequencer.held()).isEqualTo(MAX_HELD);
        tell(1, 5);
        assertThat(log.shed).containsExactly("1-5");
        tell(1, 2);
        assertThat(log.delivered).containsExactly("1-1", "1-2", "1-3", "1-4");
    }

    @Test
    void a_log_that_fails_is_asked_again_until_it_answers_others_and_not_this() {
        tell(1, 1);
        tell(1, 3);
        look(PATIENCE);
        fail();
        look(PATIENCE - 1);
        assertThat(log.reads).isEmpty();
        look(1);
        assertThat(log.reads).hasSize(1);
        look(Sequencer.DEADLINE.toMillis());
        sequencer.logAnswered(Sequencer.DEADLINE.minusMillis(1));
        fail();
        assertThat(log.skipped).as("the log may be away").isZero();
        sequencer.logAnswered(Duration.ofMillis(1));
        look(PATIENCE);
        fail();
        assertThat(log.skipped).isEqualTo(1);
        assertThat(log.delivered).containsExactly("1-1", "1-3");
    }

    @Test
    void what_is_missing_at_the_deadline_is_left_out() {
        tell(1, 1);
        tell(1, 3);
        look(PATIENCE);
        sequencer.logAnswered(Sequencer.DEADLINE);
        fail();
        assertThat(log.skipped).isEqualTo(1);
        assertThat(log.delivered).containsExactly("1-1", "1-3");
    }

    @Test
    void what_was_delivered_or_waits_is_reached_and_nothing_later() {
        assertThat(sequencer.hasReached(1, 1)).isFalse();
        tell(1, 1);
        assertThat(sequencer.hasReached(1, 1)).isTrue();
        assertThat(sequencer.hasReached(1, 2)).isFalse();
        tell(1, 3);
        assertThat(sequencer.hasReached(1, 3)).isTrue();
        assertThat(sequencer.hasReached(1, 4)).isFalse();
    }

    @Test
    void sixteen_channels_are_read_at_once_and_the_next_when_one_is_done() {
        Sequencer<String> roomy = new Sequencer<>(log, () -> log.now, 100);
        // Of a channel that is new here the log is asked at once.
        for (int channel = 1; channel <= 17; channel++) {
            roomy.accept(List.of(item(channel, 5)));
        }
        assertThat(log.reads).hasSize(16);
        roomy.look();
        assertThat(log.reads).hasSize(16);
        log.reads.getFirst().complete(new Found<>(List.of(), false));
        assertThat(log.reads).hasSize(17);
    }

    @Test
    void a_channel_that_was_quiet_for_longer_than_anything_is_under_way_is_new_again() {
        tell(1, 1);
        sequencer.logAnswered(Sequencer.TAIL_KEPT.minusMillis(1));
        assertThat(sequencer.hasReached(1, 1)).isTrue();
        log.now += Sequencer.TAIL_KEPT.toMillis();
        assertThat(sequencer.hasReached(1, 1))
                .as("while the log is away nothing is forgotten")
                .isTrue();
        sequencer.logAnswered(Sequencer.TAIL_KEPT);
        assertThat(sequencer.hasReached(1, 1)).isFalse();
    }

    @Test
    void what_was_delivered_or_waits_already_is_not_delivered_twice() {
        tell(1, 1);
        tell(1, 1);
        assertThat(sequencer.held()).isZero();
        tell(1, 3);
        tell(1, 3);
        tell(1, 2);
        assertThat(log.delivered).containsExactly("1-1", "1-2", "1-3");
    }

    @Test
    void what_waits_while_the_log_is_away_goes_before_the_first_after_a_rest() {
        tell(1, 5);
        fail();
        sequencer.accept(List.of(new Item<>(1, 6, true, "1-6")));
        assertThat(log.delivered).isEmpty();
        look(PATIENCE);
        log.reads.getLast().complete(new Found<>(List.of(), false));
        assertThat(log.delivered).containsExactly("1-5", "1-6");
    }

    @Test
    void what_could_not_be_delivered_is_read_before_the_first_after_a_rest() {
        sequencer.missed(1, 5);
        assertThat(sequencer.hasReached(1, 5)).isFalse();
        sequencer.accept(List.of(new Item<>(1, 6, true, "1-6")));
        look(PATIENCE);
        log.reads.getLast().complete(new Found<>(List.of(item(1, 5)), false));
        assertThat(log.delivered).containsExactly("1-5", "1-6");
    }

    @Test
    void a_log_that_has_failed_is_left_alone_for_a_moment_by_all_channels() {
        tell(1, 5);
        fail();
        tell(2, 5);
        look(PATIENCE - 1);
        assertThat(log.reads).isEmpty();
        look(1);
        assertThat(log.reads).hasSize(2);
    }

    private void tell(long channel, long seq) {
        sequencer.accept(List.of(item(channel, seq)));
    }

    private void look(long later) {
        log.now += later;
        sequencer.look();
    }

    private void fail() {
        log.reads.removeLast().fail("the log is down");
    }

    private static Item<String> item(long channel, long seq) {
        return new Item<>(channel, seq, seq == 1, channel + "-" + seq);
    }
}
