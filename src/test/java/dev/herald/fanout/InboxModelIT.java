package dev.herald.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.redis.UserKeys;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
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

/** Random lives of an inbox, whose Redis is wiped or set back and whose node dies, beside a model that forgets nothing. */
class InboxModelIT {
    private static final int PULL = Inboxes.PULL_FLAG;
    private static final int DEVICES = 3;
    private static final int PAGE = 7;

    /** Entries that an inbox keeps though nobody needs them: the last few, and what is too little to be trimmed. */
    private static final int KEPT = 16 + 32;

    private static @Nullable Node shared;
    private static int users;

    @BeforeContainer
    static void open() {
        shared = new Node("commands.inbox-bound", "20000");
    }

    @AfterContainer
    static void close() {
        node().close();
    }

    /** @param reader one of three devices, or {@link #PULL} @param number how many, or how far */
    record Step(Kind kind, int reader, int number) {}

    enum Kind {
        PUSH,
        PUSH_PENDING,
        PUSH_LATE,
        REPEAT,
        FINISH,
        READ,
        ACKNOWLEDGE,
        STORE,
        CRASH,
        SNAPSHOT,
        RESTORE,
        WIPE
    }

    @Provide
    Arbitrary<List<Step>> lives() {
        Arbitrary<Kind> kinds = Arbitraries.frequency(
                Tuple.of(4, Kind.PUSH),
                Tuple.of(2, Kind.PUSH_PENDING),
                Tuple.of(1, Kind.PUSH_LATE),
                Tuple.of(1, Kind.REPEAT),
                Tuple.of(2, Kind.FINISH),
                Tuple.of(8, Kind.READ),
                Tuple.of(3, Kind.ACKNOWLEDGE),
                Tuple.of(3, Kind.STORE),
                Tuple.of(1, Kind.CRASH),
                Tuple.of(1, Kind.SNAPSHOT),
                Tuple.of(1, Kind.RESTORE),
                Tuple.of(1, Kind.WIPE));
        return Combinators.combine(
                        kinds,
                        Arbitraries.integers().between(PULL, DEVICES - 1),
                        Arbitraries.integers().between(0, 40))
                .as(Step::new)
                .list()
                .ofSize(50);
    }

    @Property(tries = 100)
    void gives_all_that_is_unseen_in_order_and_nothing_that_is_known_to_be_acknowledged(
            @ForAll("lives") List<Step> life) {
        new Model("user" + users++).live(life);
    }

    private static Node node() {
        return Objects.requireNonNull(shared);
    }

    /** What a reader has acknowledged; of that, what Redis knows for sure, and what it will know when it was lost. */
    private record Seen(Set<Long> acknowledged, Set<Long> redis, Set<Long> postgres) {
        static Seen of(Collection<Long> acknowledged, Collection<Long> redis) {
            return new Seen(new HashSet<>(acknowledged), new HashSet<>(redis), new HashSet<>());
        }
    }

    private static final class Model {
        private final String uid;
        private final Inbox inbox;
        private final Map<Integer, Seen> readers = new HashMap<>();

        /** Command ids in the order of the inbox; nothing ever leaves. */
        private List<Long> log = new ArrayList<>();

        /** The last of them. */
        private final TreeSet<Long> pending = new TreeSet<>();

        /** Ids that were taken for commands that come late. */
        private final Deque<Long> taken = new ArrayDeque<>();

        private final List<Response> snapshot = new ArrayList<>();

        /** Until the inbox is touched. */
        private boolean lost;

        private long tail;

        Model(String uid) {
            this.uid = uid;
            this.inbox = new Inbox(node(), uid);
        }

        void live(List<Step> life) {
            life.forEach(step -> {
                switch (step.kind()) {
                    case PUSH -> {
                        push(step.number());
                        finish();
                    }
                    case PUSH_PENDING -> push(step.number());
                    case PUSH_LATE -> pushLate();
                    case REPEAT -> append(pending);
                    case FINISH -> finish();
                    case READ -> read(step.reader(), step.number());
                    case ACKNOWLEDGE -> acknowledge(step.reader(), step.number());
                    case STORE -> store();
                    case CRASH -> node().crash();
                    case SNAPSHOT -> takeSnapshot();
                    case RESTORE -> restore();
                    case WIPE -> {
                        node().redis(Command.FLUSHDB);
                        lose();
                    }
                }
            });
            List.copyOf(readers.keySet()).forEach(reader -> read(reader, 0));
        }

        private void push(int count) {
            taken.add(node().sql("select nextval('message_id')").getFirst().getLong(0));
            arrive(node().commands(uid, count));
        }

        private void pushLate() {
            if (!taken.isEmpty()) {
                long id = taken.remove();
                node().sql("""
                        insert into cmd (id, channel_id, channel_type, from_uid, client_msg_no, payload, uids)
                        values ($1, 'direct', 8, 'back', gen_random_uuid()::text, '\\x7b7d', array[$2])""", id, uid);
                arrive(List.of(id));
                finish();
            }
        }

        private void arrive(List<Long> ids) {
            log.addAll(ids);
            pending.addAll(ids);
            append(ids);
        }

        private void append(Collection<Long> ids) {
            if (!ids.isEmpty()) {
                inbox.append(ids.stream().mapToLong(id -> id).toArray());
                touched();
            }
        }

        private void finish() {
            node().sql("update cmd set done_at = now() where id = any($1)", (Object) pending.toArray(Long[]::new));
            pending.clear();
        }

        /** Everything above the cursor comes; up to so many of it are acknowledged. */
        private void read(int reader, int number) {
            long after = reader == PULL ? inbox.position() : open(reader);
            touched();
            int limit = number % 2 == 0 ? 1_000 : PAGE;
            Inboxes.Pointers page = reader == PULL ? inbox.give(after, limit) : inbox.read(after, limit);
            check(page, limit, seen(reader));
            List<Pointer> read = page.pointers();
            if (number > 0 && !read.isEmpty()) {
                ack(reader, read.get(Math.min(number, read.size()) - 1).seq());
            }
        }

        /** The first device begins where a pull is, or with all that waits; a further one at the tail. */
        private long open(int device) {
            long cursor = inbox.open(device);
            if (!readers.containsKey(device)) {
                boolean first = readers.keySet().stream().allMatch(reader -> reader == PULL);
                Seen pulled = seen(PULL);
                readers.put(device, first ? Seen.of(pulled.acknowledged(), pulled.redis()) : Seen.of(log, log));
                stored();
            }
            return cursor;
        }

        private void check(Inboxes.Pointers page, int limit, Seen seen) {
            List<Long> given = ids(page.pointers());
            assertThat(page.pointers().stream().map(Pointer::seq)).isSorted();
            assertThat(given).doesNotHaveDuplicates();
            assertThat(given).as("acknowledged").noneMatch(seen.redis()::contains);
            List<Long> unseen = without(log, seen.acknowledged());
            List<Long> fresh = without(given, seen.acknowledged());
            assertThat(fresh)
                    .as("unseen, in order")
                    .isEqualTo(given.size() < limit ? unseen : unseen.subList(0, fresh.size()));
            if (!readers.isEmpty()) {
                assertThat(page.tail()).as("the tail").isGreaterThanOrEqualTo(tail);
                tail = page.tail();
            }
        }

        /** Forward, sometimes back, often to beyond the tail. */
        private void acknowledge(int reader, int number) {
            Inboxes.Pointers all = inbox.give(inbox.position(), 10_000);
            touched();
            List<Pointer> kept = kept();
            long start = kept.isEmpty() ? 0 : kept.getFirst().seq();
            ack(reader, number > 20 ? all.tail() + 3 : Math.max(0, start + number - 8));
        }

        /** What was trimmed, nobody gets who becomes known by this. */
        private void ack(int reader, long seq) {
            Set<Long> above = new HashSet<>(
                    ids(kept().stream().filter(pointer -> pointer.seq() > seq).toList()));
            long pendingFloor = pending.isEmpty() ? Long.MAX_VALUE >> 10 : pending.first();
            inbox.ack(reader, seq, pendingFloor);
            boolean isNew = !readers.containsKey(reader);
            Seen seen = readers.computeIfAbsent(reader, it -> Seen.of(List.of(), List.of()));
            seen.acknowledged().addAll(without(log, above));
            seen.redis().addAll(without(log, above));
            if (isNew) {
                store();
            }
            Set<Long> needless = common(Seen::redis);
            assertThat(kept().stream()
                            .takeWhile(it -> needless.contains(it.commandId()) && it.commandId() < pendingFloor))
                    .as("kept though acknowledged")
                    .hasSizeLessThanOrEqualTo(KEPT);
        }

        private void store() {
            node().cursors().note(uid, Inboxes.NO_READER);
            // One that finds Redis wiped is refused, and finds it in order the next time.
            node().call(() ->
                    node().cursors().flush().recover(cause -> node().cursors().flush()));
            touched();
            stored();
        }

        /** What is pending, or above the lowest that is unread, may be given again, acknowledged or not. */
        private void stored() {
            readers.values().forEach(seen -> {
                long unread = without(log, seen.redis()).stream()
                        .mapToLong(id -> id)
                        .min()
                        .orElse(Long.MAX_VALUE);
                seen.postgres().clear();
                seen.redis().stream()
                        .filter(id -> id < unread && !pending.contains(id))
                        .forEach(seen.postgres()::add);
            });
        }

        private void takeSnapshot() {
            snapshot.clear();
            keys().forEach(key -> snapshot.add(node().call(
                            () -> node().redis.send(Request.cmd(Command.DUMP).arg(key)))));
        }

        private void restore() {
            if (!snapshot.isEmpty()) {
                for (int i = 0; i < snapshot.size(); i++) {
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
                lose();
            }
        }

        /** Pending commands begin again with the epoch; what one device lacks is given again to all. */
        private void lose() {
            Set<Long> left = common(Seen::postgres);
            readers.values().forEach(seen -> {
                seen.redis().clear();
                seen.redis().addAll(left);
            });
            lost = true;
            append(pending);
        }

        /** From here on the inbox has the order in which it was rebuilt: the one that it had, or that of the ids. */
        private void touched() {
            if (!lost) {
                return;
            }
            lost = false;
            List<Long> kept = ids(kept());
            assertThat(kept).doesNotHaveDuplicates();
            assertThat(kept).as("unseen by somebody").containsAll(without(log, common(Seen::acknowledged)));
            Map<Long, Integer> places = new HashMap<>();
            log.forEach(id -> places.put(id, places.size()));
            for (Seen seen : readers.isEmpty() ? List.of(seen(PULL)) : readers.values()) {
                List<Long> unseen = without(kept, seen.acknowledged());
                for (int i = 1; i < unseen.size(); i++) {
                    long before = unseen.get(i - 1);
                    long after = unseen.get(i);
                    assertThat(before < after || places.get(before) < places.get(after))
                            .as("%d before %d in %s", before, after, unseen)
                            .isTrue();
                }
            }
            log = without(log, Set.copyOf(kept));
            log.addAll(kept);
        }

        /** A pull that has no cursor yet reads on from the lowest of the devices. */
        private Seen seen(int reader) {
            Seen own = readers.get(reader);
            return own != null ? own : Seen.of(common(Seen::acknowledged), common(Seen::redis));
        }

        /** What all readers have. */
        private Set<Long> common(Function<Seen, Set<Long>> of) {
            Set<Long> all = readers.isEmpty() ? new HashSet<>() : new HashSet<>(log);
            readers.values().forEach(seen -> all.retainAll(of.apply(seen)));
            return all;
        }

        private List<Pointer> kept() {
            return node().inbox(uid).stream().map(Pointer::parse).toList();
        }

        private List<String> keys() {
            return List.of(UserKeys.inbox(uid), UserKeys.cursors(uid));
        }

        private static List<Long> ids(List<Pointer> pointers) {
            return pointers.stream().map(Pointer::commandId).toList();
        }

        private static List<Long> without(List<Long> ids, Set<Long> others) {
            return new ArrayList<>(
                    ids.stream().filter(id -> !others.contains(id)).toList());
        }
    }
}
