package dev.herald.messaging.delivery;

import dev.herald.bus.message.MessagingMessage.ChannelMessage;
import dev.herald.bus.message.MessagingMessage.ChannelMessages;
import dev.herald.bus.message.SocketMessage;
import dev.herald.messagelog.Tails;
import dev.herald.messagelog.Tails.Tail;
import dev.herald.messaging.roster.Receivers;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Finds what was stored and not told here: its node died, the bus was cut, a store failed in the middle, or there was no
 * room to wait. For as long as that may have been, the newest message of each channel is held against what this node has
 * delivered; the order reads what is before.
 */
public final class Stragglers {
    public static final Duration INTERVAL = Duration.ofSeconds(5);

    /** So long after a node went or was heard again, or something failed, there may be something. */
    static final Duration TROUBLE = Duration.ofSeconds(20);

    /** Looks that are remembered: half a minute. */
    private static final int MARKS = 6;

    private static final int PAGE = 1_000;

    private final Cluster cluster;
    private final Tails tails;
    private final Sequencer<?> order;
    private final Function<Set<String>, Future<Set<String>>> absent;
    private final Function<ChannelMessages, Future<?>> arrivals;
    private final LongSupplier clock;

    /** Of the looks before, the oldest first. */
    private final Deque<Long> marks = new ArrayDeque<>();

    /** Newest messages, by channel, whose receivers were looked for and are on other nodes. */
    private final Map<Long, Long> elsewhere = new HashMap<>();

    private Set<String> nodes = Set.of();
    private long troubleUntil = Long.MIN_VALUE;

    /** The nodes as this one sees them. */
    public interface Cluster {
        /** All of them, this one included. */
        Set<String> nodes();

        /** Whether one that lives is not heard. */
        boolean isCut();
    }

    /**
     * @param absent which of these users have no session on this node
     * @param arrivals takes what is found, as if it had been told
     * @param clock milliseconds that never step
     */
    public Stragglers(
            Cluster cluster,
            Tails tails,
            Sequencer<?> order,
            Function<Set<String>, Future<Set<String>>> absent,
            Function<ChannelMessages, Future<?>> arrivals,
            LongSupplier clock) {
        this.cluster = cluster;
        this.tails = tails;
        this.order = order;
        this.absent = absent;
        this.arrivals = arrivals;
        this.clock = clock;
    }

    /** Something may have been stored that nobody was told of, or not delivered that was told. */
    public void expect() {
        troubleUntil = clock.getAsLong() + TROUBLE.toMillis();
    }

    /** To be called every {@link #INTERVAL}. */
    public Future<Void> look() {
        Set<String> before = nodes;
        nodes = Set.copyOf(cluster.nodes());
        if (!nodes.containsAll(before) || cluster.isCut()) {
            expect();
        }
        boolean trouble = clock.getAsLong() < troubleUntil;
        if (!trouble) {
            elsewhere.clear();
        }
        Long oldest = marks.peekFirst();
        Future<Void> swept = trouble && oldest != null ? sweep(oldest) : Future.succeededFuture();
        return swept.onFailure(cause -> expect()).compose(done -> mark());
    }

    private Future<Void> mark() {
        return tails.mark().map(mark -> {
            marks.addLast(mark);
            if (marks.size() > MARKS) {
                marks.removeFirst();
            }
            order.logAnswered(INTERVAL);
            return null;
        });
    }

    private Future<Void> sweep(long mark) {
        return tails.since(mark).compose(seqs -> {
            elsewhere.keySet().retainAll(seqs.keySet());
            seqs.entrySet()
                    .removeIf(tail -> order.hasReached(tail.getKey(), tail.getValue())
                            || tail.getValue().equals(elsewhere.get(tail.getKey())));
            return pages(seqs.entrySet().iterator());
        });
    }

    private Future<Void> pages(Iterator<Map.Entry<Long, Long>> behind) {
        Map<Long, Long> page = new HashMap<>();
        while (behind.hasNext() && page.size() < PAGE) {
            Map.Entry<Long, Long> tail = behind.next();
            page.put(tail.getKey(), tail.getValue());
        }
        return page.isEmpty()
                ? Future.succeededFuture()
                : tails.read(page).compose(this::take).compose(done -> pages(behind));
    }

    /** What goes to persons is of no use where none of them is: other nodes are not told of it either. */
    private Future<?> take(List<Tail> found) {
        Set<String> named = found.stream()
                .flatMap(tail -> Receivers.named(tail.stored()).stream())
                .collect(Collectors.toSet());
        Future<Set<String>> away = named.isEmpty() ? Future.succeededFuture(Set.of()) : absent.apply(named);
        return away.compose(gone -> {
            List<ChannelMessage> messages = new ArrayList<>();
            for (Tail tail : found) {
                Set<String> receivers = Receivers.named(tail.stored());
                if (receivers.isEmpty() || !gone.containsAll(receivers)) {
                    messages.add(message(tail, receivers));
                } else {
                    elsewhere.put(tail.channel(), tail.message().messageSeq());
                }
            }
            return messages.isEmpty() ? Future.succeededFuture() : arrivals.apply(new ChannelMessages(messages));
        });
    }

    private static ChannelMessage message(Tail tail, Set<String> receivers) {
        return new ChannelMessage(
                tail.channel(),
                tail.revision(),
                tail.stored(),
                tail.message(),
                SocketMessage.NO_SESSION,
                receivers,
                false,
                true);
    }
}
