package dev.herald.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.redis.UserKeys;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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

/** Random lives of an inbox whose Redis is wiped or set back and whose node dies, beside a model that forgets nothing. */
class LossModelIT {
    private static final int DEVICES = 3;

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

    /** @param number how many commands, or how many of those given are acknowledged */
    record Step(Kind kind, int device, int number) {}

    enum Kind {
        APPEND,
        APPEND_PENDING,
        FINISH,
        READ,
        FLUSH,
        CRASH,
        SNAPSHOT,
        RESTORE,
        WIPE
    }

    @Provide
    Arbitrary<List<Step>> lives() {
        Arbitrary<Kind> kinds = Arbitraries.frequency(
                Tuple.of(4, Kind.APPEND),
                Tuple.of(2, Kind.APPEND_PENDING),
                Tuple.of(2, Kind.FINISH),
                Tuple.of(8, Kind.READ),
                Tuple.of(3, Kind.FLUSH),
                Tuple.of(1, Kind.CRASH),
                Tuple.of(1, Kind.SNAPSHOT),
                Tuple.of(1, Kind.RESTORE),
                Tuple.of(1, Kind.WIPE));
        return Combinators.combine(
                        kinds,
                        Arbitraries.integers().between(0, DEVICES - 1),
                        Arbitraries.integers().between(0, 12))
                .as(Step::new)
                .list()
                .ofSize(40);
    }

    @Property(tries = 60)
    void gives_all_that_is_unacknowledged_in_order_and_nothing_that_is_durably_acknowledged(
            @ForAll("lives") List<Step> life) {
        new Model("lossy" + users++).live(life);
    }

    private static Node node() {
        return Objects.requireNonNull(shared);
    }

    private static final class Model {
        private final String uid;
        private final Inbox inbox;
        private final List<Long> commands = new ArrayList<>();
        private final Set<Long> pending = new LinkedHashSet<>();
        /** By device: the commands that were there when it came, and those that it has acknowledged. */
        private final Map<Integer, Set<Long>> settled = new HashMap<>();

        /** Of these, what Redis still knows, and what PostgreSQL does. */
        private Map<Integer, Set<Long>> known = new HashMap<>();

        private Map<Integer, Set<Long>> durable = new HashMap<>();
        private final List<Response> snapshot = new ArrayList<>();
        private long highest;

        Model(String uid) {
            this.uid = uid;
            this.inbox = new Inbox(node(), uid);
        }

        void live(List<Step> life) {
            life.forEach(step -> {
                switch (step.kind()) {
                    case APPEND -> append(step.number(), true);
                    case APPEND_PENDING -> append(step.number(), false);
                    case FINISH -> finish();
                    case READ -> read(step.device(), step.number());
                    case FLUSH -> flush();
                    case CRASH -> node().crash();
                    case SNAPSHOT -> takeSnapshot();
                    case RESTORE -> restore();
                    case WIPE -> wipe();
                }
            });
            settled.keySet().stream().toList().forEach(device -> read(device, 0));
        }

        private void append(int count, boolean isDone) {
            for (int i = 0; i < count; i++) {
                long id = node().command(uid);
                inbox.append(id);
                commands.add(id);
                pending.add(id);
            }
            if (isDone) {
                finish();
            }
        }

        private void finish() {
            node().sql("update cmd set done_at = now() where id = any($1)", (Object) pending.toArray(Long[]::new));
            pending.clear();
        }

        /** Everything above the cursor comes; so many of it are acknowledged. */
        private void read(int device, int number) {
            long cursor = inbox.open(device);
            Set<Long> acknowledged = settled.computeIfAbsent(device, it -> {
                // The first begins with all that waits, a further one at the tail; either is durable at once.
                Set<Long> before = settled.isEmpty() ? new HashSet<>() : new HashSet<>(commands);
                known.put(it, new HashSet<>(before));
                durable = finished(known);
                return before;
            });
            List<Pointer> given = inbox.read(cursor, 1_000).pointers();
            List<Long> ids = given.stream().map(Pointer::commandId).toList();
            assertThat(ids).doesNotHaveDuplicates();
            assertThat(ids.stream().filter(id -> !acknowledged.contains(id)))
                    .as("unacknowledged, in order")
                    .containsExactlyElementsOf(commands.stream()
                            .filter(id -> !acknowledged.contains(id))
                            .toList());
            assertThat(given.stream().map(Pointer::seq)).isSorted();
            if (!given.isEmpty()) {
                assertThat(given.getLast().seq()).as("the tail").isGreaterThanOrEqualTo(highest);
                highest = given.getLast().seq();
            }
            assertThat(ids).as("durably acknowledged by all").noneMatch(settledForAll()::contains);
            if (number > 0 && !given.isEmpty()) {
                List<Pointer> acked = given.subList(0, Math.min(number, given.size()));
                inbox.ack(
                        device,
                        acked.getLast().seq(),
                        pending.stream().findFirst().orElse(Long.MAX_VALUE >> 10));
                acked.forEach(pointer -> {
                    acknowledged.add(pointer.commandId());
                    Objects.requireNonNull(known.get(device)).add(pointer.commandId());
                });
            }
        }

        private Set<Long> settledForAll() {
            Set<Long> all = new HashSet<>(commands);
            durable.values().forEach(all::retainAll);
            return durable.isEmpty() ? Set.of() : all;
        }

        private void flush() {
            node().cursors().note(uid);
            // One that finds Redis wiped is refused, and finds it in order the next time.
            node().call(() ->
                    node().cursors().flush().recover(cause -> node().cursors().flush()));
            durable = finished(known);
        }

        private static Map<Integer, Set<Long>> copy(Map<Integer, Set<Long>> sets) {
            Map<Integer, Set<Long>> copy = new HashMap<>();
            sets.forEach((device, ids) -> copy.put(device, new HashSet<>(ids)));
            return copy;
        }

        /** A command that was pending when the cursors were stored may be given again, acknowledged or not. */
        private Map<Integer, Set<Long>> finished(Map<Integer, Set<Long>> sets) {
            Map<Integer, Set<Long>> finished = copy(sets);
            finished.values().forEach(ids -> ids.removeAll(pending));
            return finished;
        }

        private void takeSnapshot() {
            snapshot.clear();
            for (String key : keys()) {
                snapshot.add(node().call(() ->
                        node().redis.send(Request.cmd(Command.DUMP).arg(key))));
            }
        }

        private void restore() {
            if (!snapshot.isEmpty()) {
                for (int i = 0; i < 2; i++) {
                    String key = keys().get(i);
                    Response dump = snapshot.get(i);
                    node().redis(Command.DEL, key);
                    if (dump != null) {
                        node().call(() -> node().redis
                                .send(Request.cmd(Command.RESTORE)
                                        .arg(key)
                                        .arg(0)
                                        .arg(dump.toBuffer())));
                    }
                }
                node().redis(Command.DEL, "herald:epoch");
                node().call(() -> node().epoch.check(node().redis));
                fanOutAgain();
            }
        }

        private void wipe() {
            node().redis(Command.FLUSHDB);
            fanOutAgain();
        }

        /** Pending commands begin again with the epoch; what one device lacks is given again to all. */
        private void fanOutAgain() {
            Set<Long> forAll = settledForAll();
            durable.replaceAll((device, ids) -> new HashSet<>(forAll));
            known = copy(durable);
            pending.forEach(inbox::append);
        }

        private List<String> keys() {
            return List.of(UserKeys.inbox(uid), UserKeys.cursors(uid));
        }
    }
}
