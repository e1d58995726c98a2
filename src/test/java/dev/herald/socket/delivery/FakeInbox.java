package dev.herald.socket.delivery;

import dev.herald.bus.message.InboxMessage.Entry;
import dev.herald.bus.message.InboxMessage.InboxOpened;
import dev.herald.bus.message.InboxMessage.InboxPage;
import dev.herald.model.ChannelKey;
import dev.herald.model.Command;
import dev.herald.model.Payload;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Supplier;

/** An inbox and a client in memory; whatever a feed asks of it waits until the test answers or fails it. */
public final class FakeInbox implements CommandFeed.Port {
    final TreeMap<Long, Entry> entries = new TreeMap<>();
    final List<Entry> sent = new ArrayList<>();
    final List<Entry> repeated = new ArrayList<>();
    final List<Long> acknowledged = new ArrayList<>();
    private final Deque<Runnable> answers = new ArrayDeque<>();
    private final Deque<Runnable> failures = new ArrayDeque<>();
    long cursor;
    long tail;
    int reads;
    int lastLimit;
    boolean fresh;
    int toldLacking;
    String given = "";
    int sentBeforeTold;
    boolean room = true;
    int roomBytes = Integer.MAX_VALUE;

    /** Entries in one answer at most, whatever the limit. */
    int pageSize = Integer.MAX_VALUE;

    public static Command command(long id) {
        return command(id, Payload.of("{\"type\":99}"));
    }

    public static Command command(long id, Payload payload) {
        return new Command(id, ChannelKey.group("g1"), "u9", "c" + id, 1_755_000_000, payload);
    }

    /** Appends a command whose id tells its place, and leaves out {@code gap} sequences before it. */
    Entry append(int gap) {
        tail += gap + 1;
        Entry entry = new Entry(tail, command(1000 + tail));
        entries.put(tail, entry);
        return entry;
    }

    /** Lets everything succeed that waits and that follows from it. */
    void answerAll() {
        while (answer()) {}
    }

    boolean answer() {
        failures.poll();
        Runnable next = answers.poll();
        if (next != null) {
            next.run();
        }
        return next != null;
    }

    boolean fail() {
        answers.poll();
        Runnable next = failures.poll();
        if (next != null) {
            next.run();
        }
        return next != null;
    }

    List<Long> sentSeqs() {
        return sent.stream().map(Entry::seq).toList();
    }

    @Override
    public Future<InboxOpened> open() {
        return later(() -> new InboxOpened(cursor, fresh, tail));
    }

    @Override
    public void gave(long seq, boolean told) {
        given = (told ? "told and " : "") + seq;
    }

    @Override
    public void tellLacking() {
        sentBeforeTold = sent.size();
        toldLacking++;
    }

    @Override
    public Future<InboxPage> read(long after, int limit) {
        reads++;
        lastLimit = limit;
        return later(() -> {
            List<Entry> all = List.copyOf(entries.tailMap(after, false).values());
            List<Entry> page = all.subList(0, Math.min(all.size(), Math.min(limit, pageSize)));
            return new InboxPage(page, tail, page.size() < all.size());
        });
    }

    @Override
    public Future<?> acknowledge(long seq) {
        return later(() -> {
            acknowledged.add(seq);
            return seq;
        });
    }

    @Override
    public boolean hasRoom(int bytes) {
        return room && bytes <= roomBytes;
    }

    @Override
    public void send(Entry entry, boolean again) {
        (again ? repeated : sent).add(entry);
    }

    private <T> Future<T> later(Supplier<T> value) {
        Promise<T> promise = Promise.promise();
        answers.add(() -> promise.complete(value.get()));
        failures.add(() -> promise.fail("the store is down"));
        return promise.future();
    }
}
