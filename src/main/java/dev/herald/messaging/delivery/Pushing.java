package dev.herald.messaging.delivery;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.SocketMessage;
import dev.herald.bus.message.SocketMessage.Push;
import dev.herald.bus.message.SocketMessage.Pushes;
import dev.herald.messagelog.LogChannel;
import dev.herald.messagelog.MessageLog;
import dev.herald.messagelog.Window;
import dev.herald.messaging.delivery.Sequencer.Found;
import dev.herald.messaging.delivery.Sequencer.Item;
import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the order goes: to this node's sockets; and where what is missing in it is read: in the message log. */
public final class Pushing implements Sequencer.Port<Push> {
    private static final Logger log = LoggerFactory.getLogger(Pushing.class);

    /** Of a longer gap only the end is pushed; its clients have been away, and ask for what they missed. */
    private static final int MAX_GAP = 2_000;

    private static final int PAGE = 200;
    private static final int FEW = 50;

    /** As old as a message can be that was told of and is still under way. */
    private static final long UNDER_WAY_SECONDS = 30;

    private final Bus bus;
    private final MessageLog messages;
    private final Counter late;
    private final Counter lost;
    private final Runnable missed;

    /** @param missed told when something was not delivered that may be found later */
    public Pushing(Bus bus, MessageLog messages, MeterRegistry meters, Runnable missed) {
        this.bus = bus;
        this.messages = messages;
        this.late = meters.counter("herald.messages.late");
        this.lost = meters.counter("herald.messages.undelivered");
        this.missed = missed;
    }

    @Override
    public Future<Found<Push>> missing(Item<Push> before, OptionalLong after) {
        Delivery next = before.message().delivery();
        ChannelKey stored = next.channel().storedFor(next.fromUid());
        LogChannel channel = new LogChannel(before.channel(), stored, before.seq(), true);
        long last = before.seq() - 1;
        if (after.isEmpty()) {
            long oldest = next.timestampSeconds() - UNDER_WAY_SECONDS;
            return underWay(channel, last, oldest, MAX_GAP).map(young -> found(young, false, before));
        }
        long first = Math.max(after.getAsLong(), last - MAX_GAP) + 1;
        return messages.read(channel, new Window(first, last, false, PAGE))
                .map(page -> found(page.messages(), page.more(), before));
    }

    /** From the newest to the oldest, a few at a time: mostly there are few, and what is older is not wanted. */
    private Future<List<Delivery>> underWay(LogChannel channel, long last, long oldestSeconds, int most) {
        return messages.read(channel, new Window(1, last, true, FEW)).compose(page -> {
            List<Delivery> young = page.messages().stream()
                    .filter(message -> message.timestampSeconds() >= oldestSeconds)
                    .toList();
            if (young.size() < page.messages().size() || !page.more() || most <= FEW) {
                return Future.succeededFuture(young);
            }
            return underWay(channel, young.getFirst().messageSeq() - 1, oldestSeconds, most - FEW)
                    .map(older -> Stream.concat(older.stream(), young.stream()).toList());
        });
    }

    private Found<Push> found(List<Delivery> messages, boolean more, Item<Push> before) {
        late.increment(messages.size());
        return new Found<>(
                messages.stream().map(message -> item(message, before)).toList(), more);
    }

    /** Who is in the channel now. */
    private static Item<Push> item(Delivery message, Item<Push> before) {
        Push push = new Push(before.message().uids(), message, SocketMessage.NO_SESSION, true);
        return new Item<>(before.channel(), message.messageSeq(), false, push);
    }

    @Override
    public void deliver(List<Push> pushes) {
        bus.toNode(bus.incarnation(), Addresses.SOCKETS_PUSH, new Pushes(pushes));
    }

    @Override
    public void skipped(Item<Push> before, OptionalLong after) {
        long count = before.seq() - 1 - after.orElse(before.seq() - 1);
        lost.increment((double) count);
        log.warn("channel={} messages={} before seq={} are not pushed here", before.channel(), count, before.seq());
    }

    @Override
    public void shed(Push message) {
        lost.increment();
        missed.run();
    }
}
