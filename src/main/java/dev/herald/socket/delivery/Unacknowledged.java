package dev.herald.socket.delivery;

import dev.herald.bus.message.InboxMessage.Entry;
import java.time.Duration;
import java.util.Iterator;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** What a device was sent and has not acknowledged, in inbox order, and when each entry is due to be sent again. */
final class Unacknowledged {
    /** The wait for an acknowledgement doubles from one sending to the next, up to this. */
    static final Duration MAX_WAIT = Duration.ofMinutes(5);

    private final TreeMap<Long, Sent> bySeq = new TreeMap<>();
    private final long firstWait;

    /** No entry is due before this. */
    private long nextDue = Long.MAX_VALUE;

    /** @param firstWait for the acknowledgement of what was sent once */
    Unacknowledged(Duration firstWait) {
        this.firstWait = firstWait.toMillis();
    }

    /** @param now milliseconds of a clock that never steps */
    void add(Entry entry, long now) {
        bySeq.put(entry.seq(), new Sent(entry, now, firstWait));
        nextDue = Math.min(nextDue, now + firstWait);
    }

    /** The place of the command with this message id; 0 if it was not here. */
    long remove(long messageId) {
        for (Iterator<Sent> all = bySeq.values().iterator(); all.hasNext(); ) {
            Entry entry = all.next().entry;
            if (entry.command().id() == messageId) {
                all.remove();
                return entry.seq();
            }
        }
        return 0;
    }

    void removeUpTo(long seq) {
        bySeq.headMap(seq, true).clear();
    }

    /**
     * Gives out again what is due, oldest first and as long as there is room; it is next due after twice its wait. What
     * is over is no longer waited for.
     *
     * @return true if something was over
     */
    boolean repeat(long now, Predicate<Entry> room, Consumer<Entry> out) {
        if (now < nextDue) {
            return false;
        }
        nextDue = Long.MAX_VALUE;
        int before = bySeq.size();
        for (Iterator<Sent> all = bySeq.values().iterator(); all.hasNext(); ) {
            Sent sent = all.next();
            if (sent.due() <= now && sent.entry.command().isOver()) {
                all.remove();
                continue;
            }
            if (sent.due() <= now && room.test(sent.entry)) {
                sent.at = now;
                sent.wait = Math.min(2 * sent.wait, MAX_WAIT.toMillis());
                out.accept(sent.entry);
            }
            nextDue = Math.min(nextDue, sent.due());
        }
        return bySeq.size() < before;
    }

    int size() {
        return bySeq.size();
    }

    /** The place before the oldest entry, or the one given if there is none. */
    long position(long ifNone) {
        return bySeq.isEmpty() ? ifNone : bySeq.firstKey() - 1;
    }

    private static final class Sent {
        private final Entry entry;
        private long at;
        private long wait;

        Sent(Entry entry, long at, long wait) {
            this.entry = entry;
            this.at = at;
            this.wait = wait;
        }

        long due() {
            return at + wait;
        }
    }
}
