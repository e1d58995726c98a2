package dev.herald.messaging.delivery;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes one order for each channel of what several nodes have committed: nothing goes before an earlier message of its
 * channel. One that comes too early waits a moment for those before it, whose node may be slower to tell; then they are
 * read from the log, which holds them, since a sequence has no gaps. Other channels never wait for it.
 */
public final class Sequencer<T> {
    /** How long a message waits for those before it until they are looked for in the log. */
    public static final Duration PATIENCE = Duration.ofMillis(100);

    /** How long the log may answer others, but not what stands before a message, until that goes without. */
    static final Duration DEADLINE = Duration.ofSeconds(20);

    /** Longer than anything that was told can still be under way, in the time in which the log answers. */
    static final Duration TAIL_KEPT = Duration.ofMinutes(2);

    private static final long MAX_TAILS = 500_000;
    private static final int MAX_READS = 16;

    private final Port<T> port;
    private final LongSupplier clock;
    private final int maxHeld;
    private final Cache<Long, Long> tails;
    private final Map<Long, Gap<T>> gaps = new LinkedHashMap<>();
    private List<T> ready = new ArrayList<>();
    private int held;
    private int reads;
    private long logMillis;

    /** A log that has failed is not asked at once for another channel. */
    private long restUntil = Long.MIN_VALUE;

    /** Where it reads what it was not told of, and where the order goes. */
    interface Port<T> {
        /**
         * Those that stand before a message, the oldest first.
         *
         * @param after the last that is known; unknown if the channel is new here: then those that may be under way
         */
        Future<Found<T>> missing(Item<T> before, OptionalLong after);

        /** In this order. */
        void deliver(List<T> messages);

        /** The log does not give what stands between these: it is left out. */
        void skipped(Item<T> before, OptionalLong after);

        /** There was no room to wait for one; if it is stored, it is found in the log. */
        void shed(T message);
    }

    /**
     * What the log holds.
     *
     * @param more true if there are further ones behind these
     */
    record Found<T>(List<Item<T>> messages, boolean more) {}

    /**
     * One message.
     *
     * @param seq place in its channel; 0 if it is not stored and only stays behind those that came before it
     * @param first true if nothing before it can be under way
     */
    record Item<T>(long channel, long seq, boolean first, T message) {}

    /**
     * @param clock milliseconds that never step
     * @param maxHeld messages that may wait here
     */
    public Sequencer(Port<T> port, LongSupplier clock, int maxHeld) {
        this.port = port;
        this.clock = clock;
        this.maxHeld = maxHeld;
        this.tails = Caffeine.newBuilder()
                .maximumSize(MAX_TAILS)
                .expireAfterAccess(TAIL_KEPT)
                .ticker(() -> logMillis * 1_000_000)
                .executor(Runnable::run)
                .build();
    }

    /** Takes what a node has committed, in the order of its commits. */
    void accept(List<Item<T>> told) {
        told.forEach(this::accept);
        deliver();
    }

    /** Whether a message of a channel was delivered here, or waits to be. */
    boolean hasReached(long channel, long seq) {
        Gap<T> gap = gaps.get(channel);
        return tail(channel).orElse(-1) >= seq || (gap != null && gap.last().seq() >= seq);
    }

    /**
     * The log has answered for so long. In other time nothing is forgotten and nothing given up, so that what was delivered
     * and what was not can be told apart however long the log was away.
     */
    void logAnswered(Duration time) {
        logMillis += time.toMillis();
    }

    /** One that was told cannot be delivered now: the next of its channel does not go without it, however long it takes. */
    void missed(long channel, long seq) {
        if (seq > 0 && !gaps.containsKey(channel) && tails.getIfPresent(channel) == null) {
            tails.put(channel, seq - 1);
        }
    }

    /** Messages that wait. */
    int held() {
        return held;
    }

    /** Reads what has been waited for long enough; to be called more often than {@link #PATIENCE}. */
    public void look() {
        long now = clock.getAsLong();
        if (now < restUntil) {
            return;
        }
        gaps.values().stream()
                .filter(gap -> !gap.reading && gap.due <= now)
                .limit(MAX_READS - reads)
                .toList()
                .forEach(this::read);
    }

    private void accept(Item<T> item) {
        Gap<T> gap = gaps.isEmpty() ? null : gaps.get(item.channel());
        Long tail = item.seq() == 0 ? null : tails.getIfPresent(item.channel());
        boolean due = item.seq() == 0
                ? gap == null
                : tail == null
                        ? item.first()
                                && (gap == null || item.seq() < gap.first().seq())
                        : item.seq() == tail + 1;
        if (due) {
            go(item);
            if (gap != null) {
                close(gap);
            }
        } else if (tail == null || item.seq() > tail) {
            wait(item, gap, tail == null);
        }
    }

    private void wait(Item<T> item, @Nullable Gap<T> open, boolean isNew) {
        if (held == maxHeld) {
            port.shed(item.message());
            return;
        }
        long now = clock.getAsLong();
        // The log of a channel that is new here begins before this message: nothing is to be waited for.
        Gap<T> gap =
                open == null ? new Gap<>(item.channel(), logMillis, isNew ? now : now + PATIENCE.toMillis()) : open;
        hold(gap, item);
        if (open == null) {
            gaps.put(item.channel(), gap);
            if (isNew && reads < MAX_READS && now >= restUntil) {
                read(gap);
            }
        }
    }

    private void hold(Gap<T> gap, Item<T> item) {
        if (gap.add(item)) {
            held++;
        }
    }

    private void read(Gap<T> gap) {
        reads++;
        gap.reading = true;
        Item<T> last = gap.last();
        port.missing(last, tail(gap.channel)).onComplete(done -> {
            reads--;
            gap.reading = false;
            // It may have closed meanwhile.
            if (gaps.get(gap.channel) == gap) {
                take(gap, last, done);
                close(gap);
                deliver();
            }
            look();
        });
    }

    private void take(Gap<T> gap, Item<T> last, AsyncResult<Found<T>> read) {
        long now = clock.getAsLong();
        gap.due = now + PATIENCE.toMillis();
        if (read.succeeded()) {
            gap.since = logMillis;
            List<Item<T>> found = read.result().messages();
            // What was told stays: it knows who is not to have it.
            found.forEach(item -> hold(gap, item));
            if (read.result().more()) {
                gap.due = now;
                release(gap, found.getLast().seq());
            } else {
                release(gap, last.seq());
            }
            return;
        }
        restUntil = gap.due;
        if (logMillis - gap.since >= DEADLINE.toMillis()) {
            port.skipped(gap.first(), tail(gap.channel));
            release(gap, gap.first().seq());
        }
    }

    /** Lets those go whose turn it is, or was. */
    private void close(Gap<T> gap) {
        long tail = tail(gap.channel).orElse(-1);
        while (!gap.isEmpty() && gap.first().seq() <= tail + 1) {
            release(gap, tail + 1);
            tail = tail(gap.channel).orElse(-1);
            gap.due = clock.getAsLong() + PATIENCE.toMillis();
        }
        if (gap.isEmpty()) {
            gaps.remove(gap.channel);
        }
    }

    private void release(Gap<T> gap, long upTo) {
        List<Item<T>> released = gap.take(upTo);
        held -= released.size();
        released.forEach(this::go);
    }

    private void go(Item<T> item) {
        if (item.seq() == 0) {
            ready.add(item.message());
        } else if (item.seq() > tail(item.channel()).orElse(0)) {
            tails.put(item.channel(), item.seq());
            ready.add(item.message());
        }
    }

    private void deliver() {
        if (!ready.isEmpty()) {
            List<T> messages = ready;
            ready = new ArrayList<>();
            port.deliver(messages);
        }
    }

    private OptionalLong tail(long channel) {
        Long tail = tails.getIfPresent(channel);
        return tail == null ? OptionalLong.empty() : OptionalLong.of(tail);
    }
}
