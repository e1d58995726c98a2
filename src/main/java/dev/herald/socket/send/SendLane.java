package dev.herald.socket.send;

import dev.herald.wire.Frame.SendAck;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The SENDs of one connection that are under way: they may be answered in any order, but are acknowledged in theirs. */
final class SendLane {
    /** Payloads under way, in bytes, at which the lane is full. */
    static final int MAX_BYTES = 1 << 20;

    private final int bound;
    private final Consumer<SendAck> out;
    private final Runnable onRoom;
    private final Deque<Slot> slots = new ArrayDeque<>();
    private int bytes;
    private boolean full;

    /**
     * @param bound SENDs under way at which the lane is full
     * @param onRoom told when a full lane is half empty again
     */
    SendLane(int bound, Consumer<SendAck> out, Runnable onRoom) {
        this.bound = bound;
        this.out = out;
        this.onRoom = onRoom;
    }

    boolean isFull() {
        return full;
    }

    /** Bytes of the payloads that are under way. */
    int bytes() {
        return bytes;
    }

    /**
     * @param size of the payload, in bytes
     * @param answer must not fail
     */
    void add(int size, Future<SendAck> answer) {
        Slot slot = new Slot(size);
        slots.add(slot);
        bytes += size;
        full |= slots.size() >= bound || bytes >= MAX_BYTES;
        answer.onSuccess(ack -> {
            slot.ack = ack;
            release();
        });
    }

    private void release() {
        for (Slot head = slots.peek(); head != null && head.ack != null; head = slots.peek()) {
            slots.remove();
            bytes -= head.size;
            out.accept(head.ack);
        }
        if (full && slots.size() <= bound / 2 && bytes <= MAX_BYTES / 2) {
            full = false;
            onRoom.run();
        }
    }

    private static final class Slot {
        private final int size;
        private @Nullable SendAck ack;

        private Slot(int size) {
            this.size = size;
        }
    }
}
