package dev.herald.socket.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.message.InboxMessage.Entry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Whatever happens in whatever order: all is sent in order, the window holds, no position passes an open entry, and only
 * open entries are repeated, each when it is due.
 */
class CommandFeedProperties {

    @Property(tries = 2000)
    void every_interleaving_sends_all_in_order(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 5) int window, @ForAll @IntRange(max = 200) int steps) {
        new Run(new Random(seed), window).play(steps);
    }

    private static final long FIRST_WAIT = 20_000;
    private static final long MOST_WAIT = 300_000;

    private static final class Run {
        private final Random random;
        private final int window;
        private final CommandFeed feed;
        private final FakeInbox inbox = new FakeInbox();
        /** When each open entry is due again, and after how long a wait. */
        private final TreeMap<Long, Long> open = new TreeMap<>();

        private final Map<Long, Long> waits = new HashMap<>();
        private final List<Entry> appended = new ArrayList<>();
        private long start;
        private int seen;
        private int saved;
        private long now;

        Run(Random random, int window) {
            this.random = random;
            this.window = window;
            this.feed = new CommandFeed(inbox, window, Duration.ofMillis(FIRST_WAIT), () -> now);
        }

        void play(int steps) {
            for (int i = random.nextInt(5); i > 0; i--) {
                appended.add(inbox.append(random.nextInt(3)));
            }
            inbox.cursor = random.nextBoolean() ? 0 : inbox.tail / 2;
            inbox.pageSize = 1 + random.nextInt(window + 1);
            start = inbox.cursor;
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
                assertThat(Math.max(inbox.cursor, saved == 0 ? 0 : inbox.acknowledged.getLast()))
                        .isEqualTo(inbox.tail);
            }
        }

        private void step() {
            switch (random.nextInt(13)) {
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
                case 9 -> now += random.nextInt(4) * FIRST_WAIT / 2;
                case 10 -> redeliver();
                case 11 -> acknowledgeElsewhere();
                default -> {
                    inbox.room = !inbox.room;
                    feed.proceed();
                }
            }
        }

        private void acknowledgeOne() {
            if (open.isEmpty() || random.nextInt(8) == 0) {
                assertThat(feed.acknowledge(5)).isFalse();
                return;
            }
            long seq = open.keySet().stream()
                    .skip(random.nextInt(open.size()))
                    .findFirst()
                    .orElseThrow();
            open.remove(seq);
            assertThat(feed.acknowledge(1000 + seq)).isTrue();
        }

        /** As over HTTP: the feed hears of it when it sweeps. */
        private void acknowledgeElsewhere() {
            if (!open.isEmpty()) {
                inbox.answerAll();
                check();
                long seq = open.firstKey() + random.nextInt(3);
                inbox.cursor = Math.max(
                        inbox.cursor, Math.min(seq, inbox.sent.getLast().seq()));
                feed.sweep();
                inbox.answerAll();
                open.headMap(inbox.cursor, true).clear();
            }
        }

        private void redeliver() {
            inbox.repeated.clear();
            feed.redeliver();
            List<Long> due = open.keySet().stream()
                    .filter(seq -> inbox.room && open.get(seq) <= now)
                    .toList();
            assertThat(inbox.repeated).extracting(Entry::seq).containsExactlyElementsOf(due);
            for (long seq : due) {
                waits.merge(seq, 2L, (wait, factor) -> Math.min(wait * factor, MOST_WAIT));
                open.put(seq, now + waits.get(seq));
            }
        }

        private void check() {
            while (seen < inbox.sent.size()) {
                long seq = inbox.sent.get(seen).seq();
                assertThat(inbox.sent.get(seen)).isEqualTo(inbox.entries.get(seq));
                waits.put(seq, FIRST_WAIT);
                open.put(seq, now + FIRST_WAIT);
                seen++;
            }
            assertThat(open.size()).isLessThanOrEqualTo(window);
            while (saved < inbox.acknowledged.size()) {
                long position = inbox.acknowledged.get(saved);
                assertThat(open.headMap(position, true)).isEmpty();
                assertThat(position).isGreaterThan(saved == 0 ? start : inbox.acknowledged.get(saved - 1));
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
            return List.copyOf(inbox.entries.tailMap(start, false).values());
        }
    }
}
