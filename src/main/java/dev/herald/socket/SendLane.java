package dev.herald.socket;

import dev.herald.wire.Frame.SendAck;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The SENDs of one connection that are under way: they may be answered in any order, but are acknowledged in theirs. */
final class SendLane {
    private final int bound;
    private final int maxBytes;
    private final Consumer<SendAck> out;
    private final Runnable onRoom;
    private final Deque<Slot> slots = new ArrayDeque<>();
    private int bytes;
    private boolean full;

    /**
     * @param bound SENDs under way at which the lane is full
     * @param maxBytes of their payloads at which it is, too
     * @param onRoom told when a full lane is half empty again
     */
    SendLane(int bound, int maxBytes, Consumer<SendAck> out, Runnable onRoom) {
        this.bound = bound;
        this.maxBytes = maxBytes;
        this.out = out;
        this.onRoom = onRoom;
    }

    boolean isFull() {
        return full;
    }

    /**
     * @param payloadBytes that are kept until it is answered
     * @param answer must not fail
     */
    void add(int payloadBytes, Future<SendAck> answer) {
        Slot slot = new Slot(payloadBytes);
        slots.add(slot);
        bytes += payloadBytes;
        full |= slots.size() >= bound || bytes >= maxBytes;
        answer.onSuccess(ack -> {
            slot.ack = ack;
            release();
        });
    }

    private void release() {
        for (Slot head = slots.peek(); head != null && head.ack != null; head = slots.peek()) {
            slots.remove();
            bytes -= head.bytes;
            out.accept(head.ack);
        }
        if (full && slots.size() <= bound / 2 && bytes <= maxBytes / 2) {
            full = false;
            onRoom.run();
        }
    }

    private static final class Slot {
        private final int bytes;
        private @Nullable SendAck ack;

        Slot(int bytes) {
            this.bytes = bytes;
        }
    }
}
