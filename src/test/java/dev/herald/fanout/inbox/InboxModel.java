package dev.herald.fanout.inbox;

import static dev.herald.fanout.inbox.Seen.ids;
import static dev.herald.fanout.inbox.Seen.without;
import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.message.InboxMessage.Entry;
import dev.herald.bus.message.InboxMessage.InboxPage;
import dev.herald.fanout.Inbox;
import dev.herald.fanout.Node;
import dev.herald.fanout.inbox.InboxModelIT.Step;
import dev.herald.redis.UserKeys;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Predicate;

/** One user's inbox on real stores, and beside it a model that forgets nothing. */
final class InboxModel {
    private static final int PULL = Readers.PULL_FLAG;
    private static final int PAGE = 7;

    /** Entries that an inbox keeps though nobody needs them: the last few, and what is too little to be trimmed. */
    private static final int KEPT = 16 + 32;

    private final Node node;
    private final String uid;
    private final Inbox inbox;
    private final Map<Integer, Seen> readers = new HashMap<>();
    private final Claims claims;
    /** Command ids in the order of the inbox; nothing ever leaves. */
    private List<Long> log = new ArrayList<>();
    /** The last of them. */
    private final TreeSet<Long> pending = new TreeSet<>();
    /** Ids that were taken for commands that come late. */
    private final Deque<Long> taken = new ArrayDeque<>();

    private final Map<Long, String> keys = new HashMap<>();
    private final Map<String, Long> newest = new HashMap<>();
    /** Those that tell to refresh everything. */
    private final Set<Long> resyncs = new HashSet<>();
    /** Had an end, and it is over. */
    private final Set<Long> over = new HashSet<>();

    private final Set<Long> retained = new HashSet<>();
    /** Such a one took their place; of these, what was under way may be appended once more. */
    private final Set<Long> replaced = new HashSet<>();

    private final Snapshot snapshot;
    private long tail;
    /** Until the inbox is touched. */
    private boolean lost;

    InboxModel(Node node, String uid) {
        this.node = node;
        this.uid = uid;
        this.inbox = new Inbox(node, uid);
        this.claims = new Claims(inbox);
        this.snapshot = new Snapshot(node, List.of(UserKeys.inbox(uid), UserKeys.cursors(uid)));
    }

    void live(List<Step> life) {
        life.forEach(step -> {
            switch (step.kind()) {
                case PUSH -> pushWhole(step.number(), "");
                case PUSH_KEYED -> pushWhole(step.number(), "key" + step.reader());
                case PUSH_OVER -> pushOver();
                case PUSH_PENDING -> push(step.number(), "");
                case PUSH_LATE -> pushLate(step.reader());
                case REPEAT -> append(pending);
                case FINISH -> finish();
                case READ -> read(step.reader(), step.number());
                case ACKNOWLEDGE -> acknowledge(step.reader(), step.number());
                case STORE -> store();
                case CRASH -> node.crash();
                case SNAPSHOT -> snapshot.take();
                case RESTORE -> restore();
                case WIPE -> {
                    node.redis(Command.FLUSHDB);
                    lose();
                }
                case RETAIN -> retain(step.number());
            }
        });
        for (int round = 0; round < 2; round++) {
            List.copyOf(readers.keySet()).forEach(reader -> read(reader, 0));
        }
        readers.forEach((reader, seen) -> assertThat(seen.owed())
                .as("ended without a word to reader %d", reader)
                .isEmpty());
    }

    private void pushWhole(int count, String key) {
        push(count, key);
        finish();
    }

    private void push(int count, String key) {
        taken.add(node.sql("select nextval('message_id')").getFirst().getLong(0));
        arrive(node.commands(uid, count), key);
    }

    private void pushLate(int reader) {
        if (!taken.isEmpty()) {
            long id = taken.remove();
            node.late(id, uid);
            arrive(List.of(id), reader == PULL ? "" : "key" + reader);
            finish();
        }
    }

    private void pushOver() {
        List<Long> ids = node.commands(uid, 2);
        node.end(ids);
        over.addAll(ids);
        arrive(ids, "");
        finish();
    }

    private void arrive(List<Long> ids, String key) {
        if (!key.isEmpty()) {
            node.sql("update cmd set coalesce_key = $2 where id = any($1)", ids.toArray(Long[]::new), key);
            ids.forEach(id -> {
                keys.put(id, key);
                newest.merge(key, id, Math::max);
            });
        }
        log.addAll(ids);
        pending.addAll(ids);
        append(ids);
    }

    private void append(Collection<Long> ids) {
        if (!ids.isEmpty()) {
            inbox.append(List.copyOf(ids), keys);
            touched();
            settle();
        }
    }

    /** Those that were told to refresh everything are, by commands like others. */
    private void settle() {
        while (node.hasNewResyncs()) {
            node.sql(
                            "select id, coalesce_key from cmd where channel_id = 'resync' and uids = array[$1] order by id",
                            uid)
                    .forEach(row -> {
                        if (resyncs.add(row.getLong(0))) {
                            resync(row.getLong(0), row.getString(1));
                        }
                    });
        }
    }

    private void resync(long id, String key) {
        if (key.equals(Resyncs.OVERFLOW)) {
            replaced.addAll(log);
            // Whatever is still under way may be appended once more.
            readers.values().forEach(seen -> seen.redis().removeAll(pending));
        }
        arrive(List.of(id), key);
    }

    private void finish() {
        node.sql("update cmd set done_at = now() where id = any($1)", (Object) pending.toArray(Long[]::new));
        pending.clear();
    }

    /** So many of the oldest are at their end. */
    private void retain(int number) {
        List<Long> ended = log.stream()
                .filter(id -> !pending.contains(id) && !retained.contains(id))
                .limit(number)
                .toList();
        node.sql("update cmd set done_at = done_at - interval '1 hour' where id = any($1)", (Object)
                ended.toArray(Long[]::new));
        // Devices have been here since: whenever the node's own timer stores them, none of them is forgotten.
        node.retain(Duration.ofMinutes(30));
        retained.addAll(ended);
        Set<Long> needed = Set.copyOf(needed(ended));
        readers.values().forEach(seen -> seen.owed().addAll(without(needed, seen.acknowledged())));
    }

    /** Of these, all that somebody who has not acknowledged them must get. */
    private List<Long> needed(Collection<Long> ids) {
        return ids.stream()
                .filter(id -> newest.getOrDefault(keys.getOrDefault(id, ""), id) <= id)
                .filter(id -> !over.contains(id) && !replaced.contains(id))
                .toList();
    }

    /** Everything above the cursor comes; up to so many of it are acknowledged. */
    private void read(int reader, int number) {
        open(reader);
        touched();
        int limit = number % 2 == 0 ? 10_000 : PAGE;
        InboxPage page = inbox.pull(reader, limit);
        check(page, limit, seen(reader));
        settle();
        List<Entry> read = page.entries().stream()
                .filter(entry -> entry.command().id() > 0)
                .toList();
        claims.gave(reader, page);
        if (number > 0 && !read.isEmpty()) {
            long seq = read.get(Math.min(number, read.size()) - 1).seq();
            if (reader == PULL || number % 3 == 0) {
                claim(reader, seq);
            } else {
                ack(reader, seq, pendingFloor -> inbox.ack(reader, seq, pendingFloor));
            }
        }
    }

    /** The first device begins where a pull is, or with all that waits; a further one at the tail. */
    private void open(int reader) {
        if (reader == PULL) {
            inbox.position();
            return;
        }
        boolean fresh = inbox.opened(reader).fresh();
        if (!readers.containsKey(reader)) {
            boolean first = readers.keySet().stream().allMatch(known -> known == PULL);
            Seen pulled = seen(PULL);
            Seen seen = first ? Seen.of(pulled.acknowledged(), pulled.redis()) : Seen.of(log, log);
            seen.owed().addAll(without(needed(retained), seen.acknowledged()));
            readers.put(reader, seen);
            assertThat(fresh || first || log.isEmpty())
                    .as("told that it is new")
                    .isTrue();
            stored();
        }
    }

    private void check(InboxPage page, int limit, Seen seen) {
        List<Entry> entries = page.entries();
        boolean told = entries.stream()
                .mapToLong(entry -> entry.command().id())
                .anyMatch(id -> id == 0 || resyncs.contains(id));
        if (told) {
            seen.owed().clear();
        }
        List<Long> given = entries.stream()
                .map(entry -> entry.command().id())
                .filter(id -> id > 0)
                .toList();
        assertThat(entries.stream().map(Entry::seq)).isSorted();
        assertThat(given).doesNotHaveDuplicates();
        assertThat(without(given, replaced)).as("acknowledged").noneMatch(seen.redis()::contains);
        assertThat(given).as("over, or ended").noneMatch(id -> over.contains(id) || retained.contains(id));
        List<Long> fresh = without(given, seen.acknowledged());
        List<Long> ordered = without(fresh, replaced);
        if (!ordered.isEmpty()) {
            assertThat(log).as("unseen, in order").containsSubsequence(ordered);
        }
        List<Long> unseen = without(without(needed(log), seen.acknowledged()), retained);
        boolean whole = given.size() < limit;
        if (whole || !fresh.isEmpty()) {
            Predicate<Long> due = id -> whole || log.indexOf(id) <= log.indexOf(fresh.getLast());
            assertThat(fresh)
                    .as("all that is unseen")
                    .containsAll(unseen.stream().filter(due).toList());
        }
        if (!readers.isEmpty()) {
            assertThat(page.tail()).as("the tail").isGreaterThanOrEqualTo(tail);
            tail = page.tail();
        }
    }

    /** Forward, sometimes back, often to beyond the tail, also by who never came: over HTTP anything can be said. */
    private void acknowledge(int reader, int number) {
        inbox.position();
        touched();
        settle();
        List<Pointer> kept = inbox.kept();
        long start = kept.isEmpty() ? 0 : kept.getFirst().seq();
        claim(reader, number > 20 ? tail + 1_000 : Math.max(0, start + number - 8));
    }

    /** Who was given all that there was is owed nothing. */
    private void claim(int reader, long seq) {
        OptionalLong most = claims.most(reader);
        if (most.isPresent()) {
            ack(reader, Math.min(seq, most.getAsLong()), pendingFloor -> inbox.claim(reader, seq, pendingFloor));
            seen(reader).owed().removeAll(seen(reader).acknowledged());
        } else {
            claims.areRefused(reader, seq);
        }
    }

    /** What was trimmed, nobody gets who becomes known by this. */
    private void ack(int reader, long seq, LongConsumer done) {
        Set<Long> above = new HashSet<>(
                ids(inbox.kept().stream().filter(pointer -> pointer.seq() > seq).toList()));
        long pendingFloor = pending.isEmpty() ? Long.MAX_VALUE >> 10 : pending.first();
        done.accept(pendingFloor);
        boolean isNew = !readers.containsKey(reader);
        Seen seen = readers.computeIfAbsent(reader, it -> Seen.of(List.of(), List.of()));
        seen.acknowledged().addAll(without(log, above));
        seen.redis().addAll(without(log, above));
        if (isNew) {
            store();
        }
        // What was replaced comes back with an older snapshot, and is needless only to the model.
        Set<Long> needless = Set.copyOf(without(common(Seen::redis), replaced));
        assertThat(inbox.kept().stream()
                        .takeWhile(it -> needless.contains(it.commandId()) && it.commandId() < pendingFloor))
                .as("kept though acknowledged")
                .hasSizeLessThanOrEqualTo(KEPT);
    }

    private void store() {
        node.cursors().note(uid, Readers.NO_READER);
        // One that finds Redis wiped is refused, and finds it in order the next time.
        node.call(() -> node.cursors().flush().recover(cause -> node.cursors().flush()));
        touched();
        settle();
        stored();
    }

    /** What is pending, or above the lowest that is unread, may be given again, acknowledged or not. */
    private void stored() {
        Set<Long> gone = new HashSet<>(replaced);
        ids(inbox.kept()).forEach(gone::remove);
        readers.values().forEach(seen -> {
            long unread = without(without(log, seen.redis()), gone).stream()
                    .mapToLong(id -> id)
                    .min()
                    .orElse(Long.MAX_VALUE);
            seen.postgres().clear();
            seen.redis().stream()
                    .filter(id -> id < unread && !pending.contains(id))
                    .forEach(seen.postgres()::add);
        });
    }

    private void restore() {
        if (snapshot.restore()) {
            node.redis(Command.DEL, "herald:epoch");
            node.call(() -> node.epoch.check(node.redis));
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
        settle();
        List<Long> kept = ids(inbox.kept());
        assertThat(kept).doesNotHaveDuplicates();
        assertThat(kept)
                .as("unseen by somebody")
                .containsAll(without(without(needed(log), common(Seen::acknowledged)), retained));
        Map<Long, Integer> places = new HashMap<>();
        log.forEach(id -> places.put(id, places.size()));
        for (Seen seen : readers.isEmpty() ? List.of(seen(PULL)) : readers.values()) {
            Seen.inOrder(without(without(kept, seen.acknowledged()), replaced), places);
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
}
