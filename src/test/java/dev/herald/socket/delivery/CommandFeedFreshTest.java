package dev.herald.socket.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a device is told that lacks what was before it, and what ends that. */
class CommandFeedFreshTest {
    private final FakeInbox inbox = new FakeInbox();
    private final CommandFeed feed = new CommandFeed(inbox, 3, Duration.ofSeconds(20), () -> 0);

    @Test
    void tells_a_new_device_once_and_before_any_entry() {
        inbox.append(0);
        inbox.fresh = true;
        feed.sweep();
        assertThat(inbox.fail()).isTrue();
        feed.sweep();
        inbox.answerAll();
        feed.sweep();
        inbox.answerAll();
        assertThat(inbox.toldLacking).isEqualTo(1);
        assertThat(inbox.sentBeforeTold).isZero();
        assertThat(inbox.sentSeqs()).containsExactly(1L);
    }

    @Test
    void tells_a_device_that_was_forgotten_while_it_was_connected() {
        forgetOnceSent(2);
        assertThat(inbox.toldLacking).isEqualTo(1);
        feed.acknowledge(Unstored.ID);
        inbox.answerAll();
        assertThat(inbox.acknowledged).containsExactly(2L);
    }

    @Test
    void only_an_acknowledgement_of_what_a_new_device_was_told_or_of_a_later_command_keeps_it_from_being_told_again() {
        inbox.append(0);
        inbox.cursor = 1;
        inbox.fresh = true;
        feed.sweep();
        inbox.answerAll();
        assertThat(feed.acknowledge(4711)).as("a message").isFalse();
        inbox.answerAll();
        assertThat(inbox.acknowledged).isEmpty();
        assertThat(feed.acknowledge(Unstored.ID)).isFalse();
        assertThat(feed.acknowledge(Unstored.ID)).isFalse();
        inbox.answerAll();
        assertThat(inbox.acknowledged).containsExactly(1L);
    }

    @Test
    void an_acknowledgement_of_what_was_sent_before_the_word_is_none_of_it() {
        forgetOnceSent(1);
        assertThat(inbox.sentBeforeTold).isEqualTo(2);
        assertThat(feed.acknowledge(1002)).isTrue();
        feed.sweep();
        inbox.answerAll();
        assertThat(inbox.acknowledged).isEmpty();
        inbox.append(0);
        feed.sweep();
        inbox.answerAll();
        assertThat(feed.acknowledge(1003)).isTrue();
        inbox.answerAll();
        assertThat(inbox.acknowledged).containsExactly(2L, 3L);
    }

    @Test
    void one_that_ends_before_the_word_is_acknowledged_leaves_it_to_the_next() {
        forgetOnceSent(1);
        feed.acknowledge(1002);
        feed.close();
        inbox.answerAll();
        assertThat(inbox.acknowledged).isEmpty();
    }

    /** The device was sent one command, and is forgotten before it comes to the next. */
    private void forgetOnceSent(long cursor) {
        inbox.append(0);
        feed.sweep();
        inbox.answerAll();
        inbox.append(0);
        inbox.cursor = cursor;
        inbox.fresh = true;
        feed.sweep();
        inbox.answerAll();
    }
}
