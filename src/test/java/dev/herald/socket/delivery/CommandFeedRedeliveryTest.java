package dev.herald.socket.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.message.InboxMessage.Entry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What is not acknowledged is sent again. */
class CommandFeedRedeliveryTest {
    private final FakeInbox inbox = new FakeInbox();
    private final AtomicLong clock = new AtomicLong();
    private final CommandFeed feed = new CommandFeed(inbox, 3, Duration.ofSeconds(20), clock::get);

    @Test
    void sends_again_what_is_not_acknowledged_and_waits_twice_as_long_each_time() {
        inbox.append(0);
        inbox.append(0);
        feed.sweep();
        inbox.answerAll();
        feed.acknowledge(1002);
        long due = 0;
        for (long wait : List.of(20, 40, 80, 160, 300, 300)) {
            due += wait * 1000;
            clock.set(due - 1);
            feed.redeliver();
            assertThat(inbox.repeated).isEmpty();
            clock.set(due);
            feed.redeliver();
            assertThat(inbox.repeated).containsExactly(inbox.entries.get(1L));
            inbox.repeated.clear();
        }
        assertThat(inbox.sentSeqs()).containsExactly(1L, 2L);
    }

    @Test
    void sends_again_the_oldest_first_and_none_to_a_client_that_is_behind() {
        LongStream.rangeClosed(1, 3).forEach(seq -> inbox.append(0));
        feed.sweep();
        inbox.answerAll();
        clock.set(20_000);
        inbox.room = false;
        feed.redeliver();
        assertThat(inbox.repeated).isEmpty();
        inbox.room = true;
        feed.redeliver();
        assertThat(inbox.repeated).extracting(Entry::seq).containsExactly(1L, 2L, 3L);
    }

    @Test
    void takes_the_acknowledgement_of_a_repeat_once() {
        inbox.append(0);
        feed.sweep();
        inbox.answerAll();
        clock.set(20_000);
        feed.redeliver();
        assertThat(feed.acknowledge(1001)).isTrue();
        assertThat(feed.acknowledge(1001)).isFalse();
        inbox.answerAll();
        assertThat(inbox.acknowledged).containsExactly(1L);
        clock.set(100_000);
        feed.redeliver();
        assertThat(inbox.repeated).hasSize(1);
    }

    @Test
    void repeats_nothing_after_the_end() {
        inbox.append(0);
        feed.sweep();
        inbox.answerAll();
        feed.close();
        clock.set(20_000);
        feed.redeliver();
        assertThat(inbox.repeated).isEmpty();
    }
}
