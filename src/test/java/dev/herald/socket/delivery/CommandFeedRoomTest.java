package dev.herald.socket.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.message.InboxMessage.Entry;
import dev.herald.model.ChannelKey;
import dev.herald.model.Command;
import dev.herald.model.Payload;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What finds no room, and what gives its room back. */
class CommandFeedRoomTest {
    private final FakeInbox inbox = new FakeInbox();
    private final AtomicLong clock = new AtomicLong();
    private final CommandFeed feed = new CommandFeed(inbox, 3, Duration.ofSeconds(20), clock::get);

    @Test
    void an_entry_that_would_not_fit_waits_and_is_read_once_there_is_room() {
        feed.sweep();
        inbox.answerAll();
        inbox.roomBytes = 5;
        Entry large = inbox.append(0);
        feed.wake(large.command(), large.seq());
        inbox.answerAll();
        int reads = inbox.reads;
        feed.sweep();
        feed.proceed();
        inbox.answerAll();
        assertThat(inbox.sent).isEmpty();
        assertThat(inbox.reads).as("while there is no room").isEqualTo(reads);
        inbox.roomBytes = 100;
        feed.proceed();
        inbox.answerAll();
        assertThat(inbox.sent).containsExactly(large);
    }

    @Test
    void what_is_over_before_it_is_acknowledged_leaves_its_place_to_others() {
        Command over = new Command(1001, ChannelKey.group("g1"), "u9", "c", 1_755_000_000, Payload.of("{}"), 1);
        inbox.entries.put(1L, new Entry(1, over));
        inbox.tail = 1;
        for (int i = 0; i < 3; i++) {
            inbox.append(0);
        }
        feed.sweep();
        inbox.answerAll();
        assertThat(inbox.sentSeqs()).containsExactly(1L, 2L, 3L);
        clock.set(20_000);
        feed.redeliver();
        inbox.answerAll();
        assertThat(inbox.repeated).extracting(Entry::seq).containsExactly(2L, 3L);
        feed.acknowledge(1003);
        inbox.answerAll();
        assertThat(inbox.sentSeqs()).containsExactly(1L, 2L, 3L, 4L);
        assertThat(inbox.acknowledged).containsExactly(1L);
    }
}
