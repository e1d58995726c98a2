package dev.herald.messaging;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * Makes one order of what several nodes have committed, each telling of its own in the order of its commits: nothing
 * goes before an earlier message of its channel, nor before what its own node told earlier.
 *
 * <p>A message waits a moment for those before it, whose node may be slower to tell; then they are read from the log,
 * which holds them, since a sequence has no gaps. No two messages wait for each other: who waits was committed later.
 */
final class Sequencer<T> {
    /** How long a message waits for those before it until they are looked for in the log. */
    static final Duration PATIENCE = Duration.ofMillis(50);

    /** How long the log may fail to answer until a message goes without those before it. */
    static final Duration DEADLINE = Duration.ofSeconds(5);

    /** Longer than anything that was told can still be under way. */
    static final Duration TAIL_KEPT = Duration.ofMinutes(2);

    private static final long MAX_TAILS = 500_000;

    private final Port<T> port;
    private final LongSupplier clock;
    private final int maxHeld;
    private final Cache<Long, Long> tails;
    private final Map<Long, Stream<T>> streams = new HashMap<>();
    private int held;
    private boolean looking;

    /** Where it reads what it was not told of, and where the order goes. */
    interface Port<T> {
        /**
         * Those that stand before a message, the oldest first.
         *
         * @param after the last that is known; unknown if the channel is new here: then those that may be under way
         */
        Future<Found<T>> missing(Item<T> before, OptionalLong after);

        void deliver(T message);

        /** Calls back after {@link #PATIENCE}. */
        void later(Runnable look);

        /** The log did not answer for too long: what stands between these is left out. */
        void skipped(Item<T> before, OptionalLong after);

        /** So many were not taken in; those that are stored will be missed, and found in the log. */
        void shed(int messages);
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
     * @param seq place in its channel; 0 if it is not stored and only keeps the order of its node
     * @param first true if nothing before it can be under way
     */
    record Item<T>(long channel, long seq, boolean first, T message) {}

    /** What one node has told and is not delivered. */
    private static final class Stream<T> {
        private final Deque<Item<T>> items = new ArrayDeque<>();
        private long waitingSince;
        private long lookedAt;
        private boolean reading;
    }

    /**
     * @param clock milliseconds that never step
     * @param maxHeld messages that may wait here
     */
    Sequencer(Port<T> port, LongSupplier clock, int maxHeld) {
        this.port = port;
        this.clock = clock;
        this.maxHeld = maxHeld;
        this.tails = Caffeine.newBuilder()
                .maximumSize(MAX_TAILS)
                .expireAfterAccess(TAIL_KEPT)
                .ticker(() -> clock.getAsLong() * 1_000_000)
                .executor(Runnable::run)
                .build();
    }

    /**
     * Takes what a node has committed, in the order that it tells.
     *
     * @param node whose order is kept
     */
    void accept(long node, List<Item<T>> told) {
        int room = Math.min(told.size(), maxHeld - held);
        if (room < told.size()) {
            port.shed(told.size() - room);
        }
        if (room > 0) {
            streams.computeIfAbsent(node, it -> new Stream<>()).items.addAll(told.subList(0, room));
            held += room;
            advance();
        }
    }

    /** Messages that wait. */
    int held() {
        return held;
    }

    private void advance() {
        for (boolean moved = true; moved; ) {
            moved = false;
            for (Stream<T> stream : streams.values()) {
                moved |= drain(stream);
            }
        }
        streams.values().removeIf(stream -> stream.items.isEmpty() && !stream.reading);
        if (!streams.isEmpty() && !looking) {
            looking = true;
            port.later(this::look);
        }
    }

    private boolean drain(Stream<T> stream) {
        boolean moved = false;
        for (Item<T> head = stream.items.peek(); head != null && pass(head); head = stream.items.peek()) {
            stream.items.remove();
            held--;
            moved = true;
        }
        if (moved || stream.waitingSince == 0) {
            stream.waitingSince = clock.getAsLong();
            stream.lookedAt = stream.waitingSince;
        }
        return moved;
    }

    /** True if it was its turn, or had been. */
    private boolean pass(Item<T> item) {
        Long tail = item.seq() == 0 ? null : tails.getIfPresent(item.channel());
        boolean due = item.seq() == 0 || (tail == null ? item.first() : item.seq() == tail + 1);
        if (due) {
            deliver(item);
        }
        return due || (tail != null && item.seq() <= tail);
    }

    private void deliver(Item<T> item) {
        if (item.seq() > 0) {
            tails.put(item.channel(), item.seq());
        }
        port.deliver(item.message());
    }

    /** Reads what has been waited for long enough. */
    private void look() {
        looking = false;
        long now = clock.getAsLong();
        for (Stream<T> stream : List.copyOf(streams.values())) {
            Item<T> head = stream.items.peek();
            if (head != null && !stream.reading && now - stream.lookedAt >= PATIENCE.toMillis()) {
                read(stream, head);
            }
        }
        advance();
    }

    private void read(Stream<T> stream, Item<T> head) {
        stream.reading = true;
        port.missing(head, tail(head.channel())).onComplete(done -> {
            stream.reading = false;
            stream.lookedAt = clock.getAsLong();
            if (done.succeeded()) {
                fill(head, done.result());
            } else if (stream.lookedAt - stream.waitingSince >= DEADLINE.toMillis()) {
                port.skipped(head, tail(head.channel()));
                reach(head.channel(), head.seq() - 1);
            }
            advance();
        });
    }

    private void fill(Item<T> head, Found<T> found) {
        for (Item<T> item : found.messages()) {
            if (item.seq() > tail(item.channel()).orElse(0)) {
                deliver(item);
            }
        }
        if (!found.more()) {
            reach(head.channel(), head.seq() - 1);
        }
    }

    private void reach(long channel, long seq) {
        tails.put(channel, Math.max(seq, tail(channel).orElse(0)));
    }

    private OptionalLong tail(long channel) {
        Long tail = tails.getIfPresent(channel);
        return tail == null ? OptionalLong.empty() : OptionalLong.of(tail);
    }
}
