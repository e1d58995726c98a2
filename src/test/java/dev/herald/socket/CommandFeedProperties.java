package dev.herald.socket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.message.InboxMessage.Entry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Whatever happens in whatever order: all is sent in order, the window holds, and no position passes an open entry. */
class CommandFeedProperties {

    @Property(tries = 2000)
    void every_interleaving_sends_all_in_order(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 5) int window, @ForAll @IntRange(max = 200) int steps) {
        new Run(new Random(seed), window).play(steps);
    }

    private static final class Run {
        private final Random random;
        private final int window;
        private final CommandFeed feed;
        private final FakeInbox inbox = new FakeInbox();
        private final Set<Long> open = new HashSet<>();
        private final List<Entry> appended = new ArrayList<>();
        private int seen;
        private int saved;

        Run(Random random, int window) {
            this.random = random;
            this.window = window;
            this.feed = new CommandFeed(inbox, window);
        }

        void play(int steps) {
            for (int i = random.nextInt(5); i > 0; i--) {
                appended.add(inbox.append(random.nextInt(3)));
            }
            inbox.cursor = random.nextBoolean() ? 0 : inbox.tail / 2;
            feed.sweep();
            for (int i = 0; i < steps; i++) {
                step();
                check();
            }
            inbox.room = true;
            settle();
            assertThat(inbox.sent).containsExactlyElementsOf(expected());
            if (inbox.sent.isEmpty()) {
                assertThat(inbox.acknowledged).isEmpty();
            } else {
                assertThat(inbox.acknowledged.getLast()).isEqualTo(inbox.tail);
            }
        }

        private void step() {
            switch (random.nextInt(10)) {
                case 0 -> appended.add(inbox.append(random.nextInt(3)));
                case 1 -> {
                    Entry entry = inbox.append(random.nextInt(2));
                    appended.add(entry);
                    feed.wake(entry.command(), entry.seq());
                }
                case 2 -> {
                    if (!appended.isEmpty()) {
                        Entry late = appended.get(random.nextInt(appended.size()));
                        feed.wake(late.command(), late.seq());
                    }
                }
                case 3, 4 -> acknowledgeOne();
                case 5, 6 -> inbox.answer();
                case 7 -> inbox.fail();
                case 8 -> feed.sweep();
                default -> {
                    inbox.room = !inbox.room;
                    feed.proceed();
                }
            }
        }

        private void acknowledgeOne() {
            if (open.isEmpty() || random.nextInt(8) == 0) {
                feed.acknowledge(5);
                return;
            }
            long seq = open.stream()
                    .sorted()
                    .skip(random.nextInt(open.size()))
                    .findFirst()
                    .orElseThrow();
            open.remove(seq);
            feed.acknowledge(1000 + seq);
        }

        private void check() {
            while (seen < inbox.sent.size()) {
                long seq = inbox.sent.get(seen).seq();
                assertThat(inbox.sent.get(seen)).isEqualTo(inbox.entries.get(seq));
                open.add(seq);
                seen++;
            }
            assertThat(open.size()).isLessThanOrEqualTo(window);
            while (saved < inbox.acknowledged.size()) {
                long position = inbox.acknowledged.get(saved);
                assertThat(open).noneMatch(seq -> seq <= position);
                assertThat(position).isGreaterThan(saved == 0 ? inbox.cursor : inbox.acknowledged.get(saved - 1));
                saved++;
            }
            assertThat(inbox.sent).isEqualTo(expected().subList(0, inbox.sent.size()));
        }

        /** From here on nothing fails, and the client acknowledges all that it gets. */
        private void settle() {
            for (int idle = 0; idle < 2; idle++) {
                feed.sweep();
                inbox.answerAll();
                check();
                while (!open.isEmpty()) {
                    acknowledgeOne();
                    inbox.answerAll();
                    check();
                }
            }
        }

        private List<Entry> expected() {
            return List.copyOf(inbox.entries.tailMap(inbox.cursor, false).values());
        }
    }
}
