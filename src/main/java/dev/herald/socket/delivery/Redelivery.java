package dev.herald.socket.delivery;

import dev.herald.model.Expiry;
import dev.herald.wire.Frame.Recv;
import io.micrometer.core.instrument.Counter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The ordinary messages that one connection was sent and has not acknowledged. What waits too long is sent again, with
 * DUP and a few times (wukong-interfaces section 1.10); what is forgotten here is in the history all the same.
 */
final class Redelivery {
    static final int MAX_REPEATS = 5;

    /** A client that acknowledges nothing costs no more than this. */
    static final int MAX_MESSAGES = 256;

    static final int MAX_BYTES = 256 << 10;

    private final long waitMillis;
    private final Counter redelivered;
    private final Counter givenUp;

    /** In the order of their last sending. */
    private final Deque<Sent> waiting = new ArrayDeque<>(0);

    private int bytes;

    private static final class Sent {
        private final Recv recv;
        private long at;
        private int repeats;

        Sent(Recv recv, long at) {
            this.recv = recv;
            this.at = at;
        }
    }

    /** @param wait for the acknowledgement of one sending */
    Redelivery(Duration wait, Counter redelivered, Counter givenUp) {
        this.waitMillis = wait.toMillis();
        this.redelivered = redelivered;
        this.givenUp = givenUp;
    }

    /**
     * A message was sent for the first time. One that is not stored is not sent again.
     *
     * @param now milliseconds of a clock that never steps
     */
    void sent(Recv recv, long now) {
        if (recv.header().noPersist()) {
            return;
        }
        waiting.add(new Sent(recv, now));
        bytes += recv.payload().size();
        while (waiting.size() > MAX_MESSAGES || (bytes > MAX_BYTES && waiting.size() > 1)) {
            giveUp();
        }
    }

    /** True if it was here; clients acknowledge in order, so it is nearly always the first. */
    boolean acknowledge(long messageId) {
        for (Iterator<Sent> all = waiting.iterator(); all.hasNext(); ) {
            Sent sent = all.next();
            if (sent.recv.messageId() == messageId) {
                all.remove();
                bytes -= sent.recv.payload().size();
                return true;
            }
        }
        return false;
    }

    /** Gives out again what has waited too long, as long as there is room. */
    void repeat(long now, BooleanSupplier room, Consumer<Recv> out) {
        for (int left = waiting.size(); left > 0 && waiting.getFirst().at + waitMillis <= now; left--) {
            if (!room.getAsBoolean()) {
                return;
            }
            Sent due = waiting.getFirst();
            if (due.repeats == MAX_REPEATS || Expiry.isOver(due.recv.timestampSeconds(), due.recv.expireSeconds())) {
                giveUp();
                continue;
            }
            waiting.addLast(waiting.removeFirst());
            due.at = now;
            due.repeats++;
            redelivered.increment();
            out.accept(due.recv.repeated());
        }
    }

    int waiting() {
        return waiting.size();
    }

    private void giveUp() {
        bytes -= waiting.removeFirst().recv.payload().size();
        givenUp.increment();
    }
}
