package dev.herald.socket.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.message.InboxMessage.Entry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** A session beside others of its device, and beside what the device says over HTTP. */
class CommandFeedBesideTest {
    private final FakeInbox inbox = new FakeInbox();
    private final AtomicLong clock = new AtomicLong();
    private final CommandFeed feed = feed();

    @Test
    void saves_what_an_acknowledgement_elsewhere_makes_contiguous() {
        inbox.append(0);
        inbox.append(0);
        inbox.append(0);
        feed.sweep();
        inbox.answerAll();
        feed.acknowledge(1003);
        inbox.answerAll();
        assertThat(inbox.acknowledged).isEmpty();
        inbox.cursor = 2;
        feed.sweep();
        inbox.answerAll();
        assertThat(inbox.acknowledged).containsExactly(3L);
    }

    @Test
    void goes_on_after_what_was_acknowledged_elsewhere() {
        LongStream.rangeClosed(1, 6).forEach(seq -> inbox.append(0));
        feed.sweep();
        inbox.answerAll();
        inbox.cursor = 2;
        feed.sweep();
        inbox.answerAll();
        assertThat(inbox.sentSeqs()).containsExactly(1L, 2L, 3L, 4L, 5L);
        feed.acknowledge(1003);
        inbox.answerAll();
        assertThat(inbox.acknowledged).containsExactly(3L);
        assertThat(feed.acknowledge(1001)).isFalse();
        clock.set(20_000);
        feed.redeliver();
        assertThat(inbox.repeated).extracting(Entry::seq).containsExactly(4L, 5L);
    }

    @Test
    void sends_what_another_session_has_acknowledged_and_waits_for_no_acknowledgement_of_it() {
        LongStream.rangeClosed(1, 6).forEach(seq -> inbox.append(0));
        feed.sweep();
        inbox.answerAll();
        inbox.cursor = 5;
        feed.sweep();
        inbox.answerAll();
        assertThat(inbox.sentSeqs()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
        clock.set(20_000);
        feed.redeliver();
        assertThat(inbox.repeated).extracting(Entry::seq).containsExactly(6L);
        assertThat(inbox.toldLacking).as("some of it may be gone").isOne();
        feed.acknowledge(1006);
        inbox.answerAll();
        assertThat(inbox.acknowledged).containsExactly(6L);
    }

    @Test
    void notes_at_the_end_what_was_sent_and_not_acknowledged() {
        LongStream.rangeClosed(1, 3).forEach(seq -> inbox.append(0));
        inbox.fresh = true;
        feed.sweep();
        inbox.answerAll();
        feed.close();
        assertThat(inbox.given).isEqualTo("told and 3");

        inbox.given = "";
        inbox.fresh = false;
        CommandFeed other = feed();
        other.sweep();
        inbox.answerAll();
        LongStream.rangeClosed(1001, 1003).forEach(other::acknowledge);
        inbox.answerAll();
        other.close();
        assertThat(inbox.given).isEmpty();
    }

    private CommandFeed feed() {
        return new CommandFeed(inbox, 3, Duration.ofSeconds(20), clock::get);
    }
}
