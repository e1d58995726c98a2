package dev.herald.socket;

import dev.herald.lifecycle.SteadyClock;
import dev.herald.socket.transport.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a client was sent and has not taken yet, bounded: Netty itself would queue for a stuck reader without end. */
final class Outbox {
    private static final Logger log = LoggerFactory.getLogger(Outbox.class);

    /** What a waiting message costs beside its bytes: without it, a million one-byte PONGs would count as one megabyte. */
    private static final int MESSAGE_OVERHEAD = 256;

    /** Written at once instead of at the turn's end: a larger buffer would be copied too often while it grows. */
    private static final int MAX_GATHERED = 64 << 10;

    private static final long SLOW_MILLIS = 300;

    /** So often the bound may wait for a client that goes on taking it: a burst of large messages says nothing of the reader. */
    private static final int BURST = 8;

    /** After so long without taking anything the client is one that does not read. */
    private static final long STUCK_MILLIS = 5_000;

    private final Transport transport;
    private final int maxBytes;
    private final Turn turn;
    private final Runnable onRoom;
    private final NodeCounts counts;
    private final Memory memory;
    private @Nullable ByteBuf gathered;
    private int gatheredSize;
    private int waiting;
    private boolean awaited;
    private long lastTaken;
    private long lastMoved = SteadyClock.millis();

    /** @param onRoom told when there is room again after there was none */
    Outbox(Transport transport, int maxBytes, Turn turn, Runnable onRoom, NodeCounts counts, Memory memory) {
        this.transport = transport;
        this.maxBytes = maxBytes;
        this.turn = turn;
        this.onRoom = onRoom;
        this.counts = counts;
        this.memory = memory;
    }

    /** True while no more than half of the bound is waiting. */
    boolean hasRoom() {
        return waiting <= maxBytes / 2;
    }

    /** True if a message of so many bytes fits now; if not, {@code onRoom} is told when there is nothing before it. */
    boolean hasRoom(int bytes) {
        boolean fits =
                waiting == 0 || (hasRoom() && bytes + MESSAGE_OVERHEAD <= memory.outboxBound(maxBytes) - waiting);
        awaited |= !fits;
        return fits;
    }

    /** Bytes, with what each message costs beside them. */
    int waiting() {
        return waiting;
    }

    /** When the client last made room by reading, in {@link SteadyClock}; 0 if it never did. */
    long lastTaken() {
        return lastTaken;
    }

    /**
     * Sends one message, at the latest when the turn ends.
     *
     * @return false if it did not fit and was not sent; into an empty outbox everything fits
     */
    boolean write(byte[] message, boolean text) {
        int size = message.length + MESSAGE_OVERHEAD;
        if (waiting > 0 && size > mostWaiting() - waiting) {
            return false;
        }
        if (waiting == 0) {
            lastMoved = SteadyClock.millis();
        }
        waiting += size;
        counts.outboxBytes.add(size);
        if (gathered == null) {
            gathered = transport.gather(message, text);
            turn.written(this);
        } else {
            transport.append(gathered, message, text);
        }
        gatheredSize += size;
        if (gathered.readableBytes() > MAX_GATHERED) {
            flush();
        }
        return true;
    }

    private long mostWaiting() {
        long bound = memory.outboxBound(maxBytes);
        boolean isTaking = bound == maxBytes && SteadyClock.millis() - lastMoved < STUCK_MILLIS;
        return isTaking ? BURST * bound : bound;
    }

    /** Hands over what the turn has brought. */
    void flush() {
        if (gathered == null) {
            return;
        }
        ByteBuf bytes = gathered;
        int size = gatheredSize;
        gathered = null;
        gatheredSize = 0;
        long since = SteadyClock.millis();
        ChannelFuture unused = transport.write(bytes).addListener(done -> {
            if (done.isSuccess()) {
                taken(since);
            } else {
                log.debug("write failed: {}", String.valueOf(done.cause()));
            }
            written(size);
        });
    }

    /** The system's own buffer takes a message at once, also for a peer that is gone; after a wait it was the peer. */
    private void taken(long since) {
        long now = SteadyClock.millis();
        if (now - since >= SLOW_MILLIS) {
            lastTaken = now;
        }
    }

    private void written(int size) {
        boolean hadRoom = hasRoom();
        lastMoved = SteadyClock.millis();
        waiting -= size;
        counts.outboxBytes.add(-size);
        if ((!hadRoom && hasRoom()) || (awaited && waiting == 0)) {
            awaited = false;
            onRoom.run();
        }
    }
}
