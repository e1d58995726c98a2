package dev.herald.socket.delivery;

import dev.herald.bus.message.InboxMessage.Entry;
import dev.herald.bus.message.InboxMessage.InboxOpened;
import dev.herald.bus.message.InboxMessage.InboxPage;
import dev.herald.model.Command;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Brings the inbox of a user to one session, in order and a window of unacknowledged entries at a time: first what the
 * device has missed, then what is appended. A wake only says that it is worth reading on, so a lost one costs latency.
 */
final class CommandFeed {

    /** Where the entries come from and go to. */
    interface Port {
        /** Where the device stands. */
        Future<InboxOpened> open();

        Future<InboxPage> read(long after, int limit);

        /** Completes when it is kept and the next one may be told. */
        Future<?> acknowledge(long seq);

        /**
         * Notes that the device was sent all up to there, for what it acknowledges when it is not connected any more.
         *
         * @param told also that it lacks what was before
         */
        void gave(long seq, boolean told);

        /**
         * False while the client is behind with what it was sent, or so much that this would not fit: the feed waits for
         * {@link #proceed}.
         *
         * @param bytes of the payload
         */
        boolean hasRoom(int bytes);

        /** Says that the device was not given what was before, by a RECV without a message id. */
        void tellLacking();

        /** @param again true if it was sent before and is not acknowledged */
        void send(Entry entry, boolean again);
    }

    private final Port port;
    private final int window;
    private final Unacknowledged inFlight;
    private final LongSupplier clock;
    private final StoredPosition position;

    /** Entries up to here were sent on this connection, or do not exist. */
    private long sent;

    private boolean opened;
    private boolean closed;
    private boolean reading;
    private boolean behind;

    /** Bytes of the next entry, if it found no room; else 0. */
    private int held;

    /** What was sent up to here was sent before the device was told that it is new. */
    private long sentBefore;

    /**
     * @param window most entries that are sent ahead of their acknowledgements
     * @param redeliveryAfter how long the first sending of an entry waits for its acknowledgement
     * @param clock milliseconds that never step
     */
    CommandFeed(Port port, int window, Duration redeliveryAfter, LongSupplier clock) {
        this.port = port;
        this.window = window;
        this.inFlight = new Unacknowledged(redeliveryAfter);
        this.position = new StoredPosition(port);
        this.clock = clock;
    }

    /**
     * Begins the replay; called again and again it repairs a failed read, a lost wake and an unsaved acknowledgement, and
     * learns what was acknowledged for this device elsewhere.
     */
    void sweep() {
        behind = true;
        readOn();
        position.store();
        if (inFlight.size() > 0) {
            port.open().onComplete(done -> {
                if (done.succeeded() && !closed) {
                    catchUp(done.result().cursor());
                    tellIfLacking(done.result());
                }
            });
        }
    }

    /** @param seq where the command stands in this user's inbox */
    void wake(Command command, long seq) {
        if (opened && seq <= sent) {
            return;
        }
        if (opened && !reading && seq == sent + 1 && !command.isOver() && mayOverrun() && hasRoom(command)) {
            send(new Entry(seq, command));
            return;
        }
        behind = true;
        proceed();
    }

    /**
     * @param messageId of any RECVACK
     * @return true if it was a command in flight; all else is not for this feed
     */
    boolean acknowledge(long messageId) {
        long seq = inFlight.remove(messageId);
        boolean isCommand = seq > 0;
        if (position.isHeld() && (seq > sentBefore || messageId == Unstored.ID)) {
            // A message may have come before what was told first, but commands came behind it.
            position.release();
        }
        if (isCommand) {
            moveOn();
        }
        return isCommand;
    }

    /** Sends again what has waited too long for its acknowledgement, to a client that takes what it is sent. */
    void redeliver() {
        boolean ended = inFlight.repeat(
                clock.getAsLong(),
                entry -> !closed && port.hasRoom(entry.command().payload().size()),
                entry -> port.send(entry, true));
        if (ended) {
            moveOn();
        }
    }

    /**
     * Reads on if there is something to read and the client keeps up: half a window at a time, since each read costs Redis
     * as much as many entries.
     */
    void proceed() {
        if (inFlight.size() <= window / 2) {
            readOn();
        }
    }

    private void readOn() {
        if (closed || reading || !behind || !mayOverrun()) {
            return;
        }
        reading = true;
        behind = false;
        if (opened) {
            port.read(sent, window - inFlight.size()).onSuccess(this::take).onFailure(this::missed);
        } else {
            port.open().onSuccess(this::begin).onFailure(this::missed);
        }
    }

    /** What its client has acknowledged is told once more, and sent again to its next session if that is lost. */
    void close() {
        closed = true;
        if (sent > position.reached()) {
            port.gave(sent, position.isHeld());
        }
        position.close();
    }

    private boolean mayOverrun() {
        return !closed && inFlight.size() < window && port.hasRoom(held);
    }

    private boolean hasRoom(Command next) {
        held = next.payload().size();
        return port.hasRoom(held);
    }

    private void begin(InboxOpened start) {
        reading = false;
        opened = true;
        // What came after the answer has woken the feed.
        behind |= start.tail() > start.cursor();
        sent = start.cursor();
        position.startFrom(sent);
        tellIfLacking(start);
        proceed();
    }

    /** Also one that was forgotten while it was connected. */
    private void tellIfLacking(InboxOpened device) {
        if (device.fresh() && !position.isHeld()) {
            position.hold();
            sentBefore = sent;
            port.tellLacking();
        }
    }

    /**
     * A device may acknowledge over HTTP what it received here; without this its window would stay full. What another of
     * its sessions has acknowledged this one is sent all the same, as far as it is still there.
     */
    private void catchUp(long cursor) {
        if (cursor > position.stored()) {
            if (cursor > sent) {
                // Some of what another of the device's sessions has acknowledged may be gone.
                port.tellLacking();
            }
            position.startFrom(cursor);
            inFlight.removeUpTo(cursor);
            moveOn();
        }
    }

    /** What was waited for is acknowledged or over. */
    private void moveOn() {
        position.reach(inFlight.position(sent));
        proceed();
    }

    private void take(InboxPage page) {
        reading = false;
        for (Entry entry : page.entries()) {
            if (entry.seq() <= sent) {
                continue;
            }
            if (!mayOverrun() || !hasRoom(entry.command())) {
                behind = true;
                return;
            }
            send(entry);
        }
        if (page.more()) {
            behind = true;
        } else {
            sent = Math.max(sent, page.tail());
        }
        proceed();
    }

    /** Left to the next wake, acknowledgement or sweep: a store that is down is not asked in a loop. */
    private void missed(Throwable cause) {
        reading = false;
        behind = true;
    }

    private void send(Entry entry) {
        sent = entry.seq();
        held = 0;
        if (entry.seq() > position.stored()) {
            inFlight.add(entry, clock.getAsLong());
        }
        port.send(entry, false);
    }
}
