package dev.herald.messaging;

import dev.herald.bus.message.MessagingMessage.ChannelMessage;
import dev.herald.bus.message.MessagingMessage.ChannelMessages;
import dev.herald.bus.message.SocketMessage;
import dev.herald.messagelog.NewMessages;
import dev.herald.messagelog.NewMessages.Mark;
import dev.herald.messagelog.NewMessages.New;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * As long as the bus does not reach a node that lives, what others store is read from the log; what was told after all is
 * known to the {@link Sequencer}. While the bus is whole, only how far the log has come is noted, so that the first look
 * goes back to before the cut.
 */
final class Unheard {
    static final Duration INTERVAL = Duration.ofSeconds(2);

    /** Marks that are kept: longer than it takes to notice a cut, and what is older by then is left to the history. */
    private static final int MARKS = 8;

    private final NewMessages log;
    private final BooleanSupplier isCut;
    private final Consumer<ChannelMessages> arrivals;
    private final Deque<Mark> marks = new ArrayDeque<>();
    private long read;

    Unheard(NewMessages log, BooleanSupplier isCut, Consumer<ChannelMessages> arrivals) {
        this.log = log;
        this.isCut = isCut;
        this.arrivals = arrivals;
    }

    Future<Void> look() {
        return log.mark().compose(now -> {
            marks.add(now);
            if (marks.size() > MARKS) {
                marks.remove();
            }
            if (!isCut.getAsBoolean()) {
                read = 0;
                return Future.succeededFuture();
            }
            read = Math.max(read, marks.getFirst().lastId());
            return readUpTo(settledBy(now));
        });
    }

    private long settledBy(Mark now) {
        return marks.stream()
                .filter(mark -> mark.isSettledBy(now))
                .mapToLong(Mark::lastId)
                .max()
                .orElse(0);
    }

    private Future<Void> readUpTo(long last) {
        if (read >= last) {
            return Future.succeededFuture();
        }
        return log.between(read, last).compose(page -> {
            if (!page.messages().isEmpty()) {
                arrivals.accept(new ChannelMessages(
                        page.messages().stream().map(Unheard::told).toList()));
            }
            read = page.last();
            return readUpTo(last);
        });
    }

    private static ChannelMessage told(New stored) {
        boolean named = Receivers.areSides(stored.channel());
        return new ChannelMessage(
                stored.channelPk(),
                stored.revision(),
                stored.channel(),
                stored.delivery(),
                SocketMessage.NO_SESSION,
                named ? Receivers.of(stored.channel(), Set.of()) : Set.of(),
                false,
                true);
    }
}
