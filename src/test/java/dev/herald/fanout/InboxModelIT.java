package dev.herald.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;

/** Random lives of an inbox in Redis beside a model that forgets nothing. */
class InboxModelIT {
    private static final int PULL = 3;
    private static final int LIMIT = 7;

    private static @Nullable Node shared;
    private static int users;

    @BeforeContainer
    static void open() {
        shared = new Node();
    }

    @AfterContainer
    static void close() {
        node().close();
    }

    /** @param reader one of three devices, or {@link #PULL} @param number how many, or how far */
    record Step(Kind kind, int reader, int number) {}

    enum Kind {
        APPEND,
        APPEND_LATE,
        REPEAT,
        OPEN,
        READ,
        ACK
    }

    @Provide
    Arbitrary<List<Step>> lives() {
        Arbitrary<Kind> kinds = Arbitraries.frequency(
                Tuple.of(3, Kind.APPEND),
                Tuple.of(1, Kind.APPEND_LATE),
                Tuple.of(2, Kind.REPEAT),
                Tuple.of(1, Kind.OPEN),
                Tuple.of(2, Kind.READ),
                Tuple.of(4, Kind.ACK));
        return Combinators.combine(
                        kinds,
                        Arbitraries.integers().between(0, PULL),
                        Arbitraries.integers().between(1, 40))
                .as(Step::new)
                .list()
                .ofSize(40);
    }

    @Property(tries = 100)
    void loses_nothing_unseen_goes_never_back_and_keeps_the_order(@ForAll("lives") List<Step> life) {
        new Model(new Inbox(node(), "user" + users++)).live(life);
    }

    private static Node node() {
        return Objects.requireNonNull(shared);
    }

    private static final class Model {
        private final Inbox inbox;
        /** Command ids by sequence minus one; nothing ever leaves. */
        private final List<Long> log = new ArrayList<>();

        private final Map<Integer, Long> cursors = new HashMap<>();
        private long lastId;
        private long trimmed;

        Model(Inbox inbox) {
            this.inbox = inbox;
        }

        void live(List<Step> life) {
            life.forEach(step -> {
                switch (step.kind()) {
                    case APPEND -> append(step.number(), 0);
                    case APPEND_LATE -> append(1, 1);
                    case REPEAT -> repeat(step.number());
                    case OPEN -> open(step.reader());
                    case READ -> read(step.reader());
                    case ACK -> ack(step.reader(), step.number());
                }
                check();
            });
        }

        /** Ids leave a gap each, into which a late one may fall. */
        private void append(int count, int late) {
            if (late > 0 && (lastId == 0 || log.contains(lastId - 1))) {
                return;
            }
            long[] ids = new long[count];
            for (int i = 0; i < count; i++) {
                ids[i] = late > 0 ? lastId - 1 : (lastId += 2);
                log.add(ids[i]);
            }
            inbox.append(ids);
        }

        /** Of the commands that are still pending, which here are the last few. */
        private void repeat(int number) {
            int from = Math.max(0, log.size() - Math.min(number, pending()));
            inbox.append(
                    log.subList(from, log.size()).stream().mapToLong(id -> id).toArray());
        }

        private void open(int reader) {
            if (reader == PULL) {
                assertThat(inbox.position()).isEqualTo(position());
                return;
            }
            long expected = cursors.getOrDefault(
                    reader, isAnyDeviceKnown() ? Long.valueOf(log.size()) : cursors.getOrDefault(PULL, 0L));
            assertThat(inbox.open(reader)).isEqualTo(expected);
            cursors.put(reader, expected);
        }

        /** Everything above the reader's cursor comes, in order; a device may make itself known below what was trimmed. */
        private void read(int reader) {
            long after = reader == PULL ? position() : cursors.getOrDefault(reader, (long) log.size());
            List<Pointer> expected = new ArrayList<>();
            for (long seq = Math.max(after, trimmed) + 1; seq <= log.size() && expected.size() < LIMIT; seq++) {
                expected.add(new Pointer(seq, log.get((int) seq - 1)));
            }
            Inboxes.Pointers found = inbox.read(after, LIMIT);
            assertThat(found.pointers()).isEqualTo(expected);
            assertThat(found.tail()).isEqualTo(log.size());
        }

        /** Forward, sometimes back, often to beyond the tail. */
        private void ack(int reader, int number) {
            long seq = number > 20 ? log.size() + 3 : Math.max(0, cursors.getOrDefault(reader, 0L) + number - 8);
            long floor = log.stream()
                    .skip(Math.max(0, log.size() - pending()))
                    .mapToLong(id -> id)
                    .min()
                    .orElse(0);
            if (reader == PULL) {
                inbox.ackPull(seq, floor);
            } else {
                inbox.ack(reader, seq, floor);
            }
            cursors.merge(reader, Math.min(seq, log.size()), Math::max);
        }

        private void check() {
            List<String> kept = inbox.node().inbox(inbox.uid());
            List<String> all = new ArrayList<>();
            for (int i = 0; i < log.size(); i++) {
                all.add((i + 1) + ":" + log.get(i));
            }
            assertThat(all).as("in order, without doubles").endsWith(kept.toArray(String[]::new));
            long gone = log.size() - kept.size();
            long lowest =
                    cursors.values().stream().mapToLong(cursor -> cursor).min().orElse(0);
            if (gone != trimmed) {
                assertThat(gone).as("trimmed").isBetween(trimmed, lowest);
            }
            trimmed = gone;
            assertThat(kept.size() - (log.size() - lowest))
                    .as("kept though acknowledged")
                    .isLessThanOrEqualTo(21 + 16 + 32);
        }

        private static int pending() {
            return 20;
        }

        /** A pull that names no device has its own cursor from its first acknowledgement on. */
        private long position() {
            return cursors.getOrDefault(PULL, lowestDevice(0));
        }

        private boolean isAnyDeviceKnown() {
            return cursors.keySet().stream().anyMatch(reader -> reader != PULL);
        }

        private long lowestDevice(long ifNone) {
            return cursors.entrySet().stream()
                    .filter(cursor -> cursor.getKey() != PULL)
                    .mapToLong(Map.Entry::getValue)
                    .min()
                    .orElse(ifNone);
        }
    }
}
