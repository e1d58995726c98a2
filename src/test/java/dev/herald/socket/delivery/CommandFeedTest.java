package dev.herald.socket.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.message.InboxMessage.Entry;
import dev.herald.model.Command;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class CommandFeedTest {
    private final FakeInbox inbox = new FakeInbox();
    private final AtomicLong clock = new AtomicLong();
    private final CommandFeed feed = new CommandFeed(inbox, 3, Duration.ofSeconds(20), clock::get);

    @Test
    void replays_from_the_cursor_before_anything_live() {
        Entry missed = inbox.append(0);
        inbox.append(0);
        inbox.cursor = 1;
        feed.sweep();
        feed.wake(missed.command(), 3);
        assertThat(inbox.sent).isEmpty();
        inbox.append(0);
        inbox.answerAll();
        assertThat(inbox.sentSeqs()).containsExactly(2L, 3L);
    }

    @Test
    void sends_the_next_entry_without_reading() {
        feed.sweep();
        inbox.answerAll();
        int reads = inbox.reads;
        Entry entry = inbox.append(0);
        feed.wake(entry.command(), entry.seq());
        assertThat(inbox.sent).containsExactly(entry);
        assertThat(inbox.reads).isEqualTo(reads);
    }

    @Test
    void reads_on_instead_of_sending_what_is_over() {
        feed.sweep();
        inbox.answerAll();
        Entry entry = inbox.append(0);
        Command over = entry.command();
        feed.wake(
                new Command(over.id(), over.channel(), over.fromUid(), over.clientMsgNo(), 1, over.payload(), 1),
                entry.seq());
        assertThat(inbox.sent).isEmpty();
        inbox.answerAll();
        assertThat(inbox.sent).containsExactly(entry);
    }

    @Test
    void reads_what_it_was_not_woken_for() {
        feed.sweep();
        inbox.answerAll();
        inbox.append(0);
        Entry later = inbox.append(2);
        feed.wake(later.command(), later.seq());
        inbox.answerAll();
        assertThat(inbox.sentSeqs()).containsExactly(1L, 4L);
    }

    @Test
    void finds_by_sweep_what_no_wake_told() {
        feed.sweep();
        inbox.answerAll();
        inbox.append(0);
        feed.sweep();
        inbox.answerAll();
        assertThat(inbox.sentSeqs()).containsExactly(1L);
    }

    @Test
    void ignores_a_wake_for_what_was_sent() {
        Entry entry = inbox.append(0);
        feed.sweep();
        inbox.answerAll();
        int reads = inbox.reads;
        feed.wake(entry.command(), entry.seq());
        inbox.answerAll();
        assertThat(inbox.sentSeqs()).containsExactly(1L);
        assertThat(inbox.reads).isEqualTo(reads);
    }

    @Test
    void reads_nothing_where_there_is_nothing_to_read_and_asks_for_the_cursor_only_while_it_may_move() {
        inbox.append(0);
        inbox.cursor = 1;
        feed.sweep();
        inbox.answerAll();
        assertThat(inbox.reads).isZero();
        feed.sweep();
        assertThat(inbox.answer()).as("the read").isTrue();
        assertThat(inbox.answer()).as("the cursor").isFalse();
    }

    @Test
    void reads_as_much_as_the_window_has_room_for() {
        inbox.append(0);
        feed.sweep();
        inbox.answerAll();
        inbox.append(1);
        feed.sweep();
        assertThat(inbox.lastLimit).isEqualTo(2);
    }

    @Test
    void sends_no_more_than_the_window_ahead_of_its_acknowledgements() {
        for (int i = 0; i < 5; i++) {
            inbox.append(0);
        }
        feed.sweep();
        inbox.answerAll();
        assertThat(inbox.sentSeqs()).containsExactly(1L, 2L, 3L);
        feed.acknowledge(1002);
        feed.acknowledge(1003);
        inbox.answerAll();
        assertThat(inbox.sentSeqs()).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void reads_half_a_window_at_a_time_for_a_client_that_acknowledges_one_by_one() {
        CommandFeed wide = new CommandFeed(inbox, 64, Duration.ofSeconds(20), clock::get);
        LongStream.rangeClosed(1, 1_000).forEach(seq -> inbox.append(0));
        wide.sweep();
        inbox.answerAll();
        LongStream.rangeClosed(1, 1_000).forEach(seq -> {
            wide.acknowledge(1000 + seq);
            inbox.answerAll();
        });
        assertThat(inbox.sent).hasSize(1_000);
        assertThat(inbox.acknowledged.getLast()).isEqualTo(1_000);
        assertThat(inbox.reads).isLessThanOrEqualTo(1 + 1_000 / 32);
    }

    @Test
    void finds_by_sweep_what_comes_behind_more_than_half_a_window_that_nobody_acknowledges() {
        inbox.append(0);
        inbox.append(0);
        feed.sweep();
        inbox.answerAll();
        Entry later = inbox.append(1);
        feed.wake(later.command(), later.seq());
        feed.sweep();
        inbox.answerAll();
        assertThat(inbox.sentSeqs()).containsExactly(1L, 2L, 4L);
    }

    @Test
    void acknowledges_up_to_the_oldest_open_entry() {
        for (int i = 0; i < 3; i++) {
            inbox.append(0);
        }
        feed.sweep();
        inbox.answerAll();
        feed.acknowledge(1002);
        inbox.answerAll();
        assertThat(inbox.acknowledged).isEmpty();
        feed.acknowledge(1001);
        inbox.answerAll();
        assertThat(inbox.acknowledged).containsExactly(2L);
    }

    @Test
    void ignores_the_acknowledgement_of_an_ordinary_message() {
        inbox.append(0);
        feed.sweep();
        inbox.answerAll();
        feed.acknowledge(77);
        inbox.answerAll();
        assertThat(inbox.acknowledged).isEmpty();
    }

    @Test
    void saves_a_position_again_that_could_not_be_saved() {
        inbox.append(0);
        inbox.append(0);
        feed.sweep();
        inbox.answerAll();
        feed.acknowledge(1001);
        assertThat(inbox.fail()).isTrue();
        feed.acknowledge(1002);
        assertThat(inbox.fail()).isTrue();
        assertThat(inbox.acknowledged).isEmpty();
        feed.sweep();
        inbox.answerAll();
        assertThat(inbox.acknowledged).containsExactly(2L);
    }

    @Test
    void saves_the_newest_position_at_the_end_whatever_becomes_of_an_earlier_one() {
        inbox.append(0);
        inbox.append(0);
        feed.sweep();
        inbox.answerAll();
        feed.acknowledge(1001);
        feed.acknowledge(1002);
        feed.close();
        assertThat(inbox.fail()).isTrue();
        inbox.answerAll();
        assertThat(inbox.acknowledged).containsExactly(2L);
    }

    @Test
    void does_not_ask_a_store_that_is_down_in_a_loop() {
        inbox.append(0);
        feed.sweep();
        inbox.answer();
        assertThat(inbox.fail()).isTrue();
        assertThat(inbox.reads).isEqualTo(1);
        feed.sweep();
        inbox.answerAll();
        assertThat(inbox.sentSeqs()).containsExactly(1L);
    }

    @Test
    void tries_a_failed_read_again_when_the_client_acknowledges() {
        inbox.append(0);
        feed.sweep();
        inbox.answerAll();
        Entry later = inbox.append(1);
        feed.wake(later.command(), later.seq());
        assertThat(inbox.fail()).isTrue();
        feed.acknowledge(1001);
        inbox.answerAll();
        assertThat(inbox.sentSeqs()).containsExactly(1L, 3L);
    }

    @Test
    void opens_again_after_a_failed_open() {
        inbox.append(0);
        feed.sweep();
        assertThat(inbox.fail()).isTrue();
        feed.sweep();
        inbox.answerAll();
        assertThat(inbox.sentSeqs()).containsExactly(1L);
    }

    @Test
    void waits_for_a_client_that_is_behind() {
        inbox.room = false;
        Entry entry = inbox.append(0);
        feed.sweep();
        feed.wake(entry.command(), entry.seq());
        inbox.answerAll();
        assertThat(inbox.sent).isEmpty();
        inbox.room = true;
        feed.proceed();
        inbox.answerAll();
        assertThat(inbox.sentSeqs()).containsExactly(1L);
    }

    @Test
    void sends_nothing_after_the_end() {
        inbox.append(0);
        feed.sweep();
        inbox.answer();
        feed.close();
        inbox.answerAll();
        assertThat(inbox.sent).isEmpty();
    }
}
