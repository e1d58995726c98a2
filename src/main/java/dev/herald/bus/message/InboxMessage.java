package dev.herald.bus.message;

import dev.herald.model.Command;
import java.util.List;
import java.util.OptionalInt;

/** To and from the owner of the users' inboxes, the fan-out verticle. */
public sealed interface InboxMessage extends BusMessage {

    /** A device comes online: make it known, and say from where it reads on. */
    record OpenInbox(String uid, int deviceFlag) implements InboxMessage {}

    /**
     * @param cursor the last inbox sequence that this device has acknowledged; it reads on from the next
     * @param fresh true if the device is new and begins at the tail, so that it has to fetch the present state itself
     * @param tail the newest sequence of the inbox: there is nothing to read if it is not above the cursor
     */
    record InboxOpened(long cursor, boolean fresh, long tail) implements InboxMessage {}

    /** Up to {@code limit} entries with a sequence above {@code after}, in order, as far as their payloads are not too much. */
    record ReadInbox(String uid, long after, int limit) implements InboxMessage {}

    /** The same for a back end that pulls: from the cursor of the device, or of the user's pull cursor if none is named. */
    record PullInbox(String uid, OptionalInt deviceFlag, int limit) implements InboxMessage {}

    /**
     * @param tail the newest sequence of the inbox
     * @param more false if there are no entries between these and the tail
     */
    record InboxPage(List<Entry> entries, long tail, boolean more) implements InboxMessage {
        public InboxPage {
            entries = List.copyOf(entries);
        }
    }

    /** A pointer of the inbox with the command that it points to. */
    record Entry(long seq, Command command) {}

    /** Up to {@link #MOST}, since they came to be at once; answered when all are kept, and a repeat does no harm. */
    record AckInboxes(List<Ack> list) implements InboxMessage {
        /** Bounds what one request asks of Redis at once. */
        public static final int MOST = 256;

        public AckInboxes {
            list = List.copyOf(list);
        }

        public static AckInboxes of(Ack one) {
            return new AckInboxes(List.of(one));
        }
    }

    /**
     * Everything up to {@code seq} was received; a cursor only moves forward. No flag: the user's pull cursor.
     *
     * @param pulled true if a client says so, who may name any sequence; else it is of what a session was sent
     */
    record Ack(String uid, OptionalInt deviceFlag, long seq, boolean pulled) {}

    /**
     * A session of the device has ended that was sent all up to {@code seq}: so far it can acknowledge over HTTP.
     *
     * @param told that it lacks what was before, if it does
     */
    record GiveInbox(String uid, int deviceFlag, long seq, boolean told) implements InboxMessage {}

    /** Of these users, or of all if there is none, the inboxes are made anew from PostgreSQL. */
    record RebuildInboxes(List<String> uids) implements InboxMessage {
        public RebuildInboxes {
            uids = List.copyOf(uids);
        }
    }

    /** Answered when the stored cursors of these users are as they were when it was asked, or newer. */
    record RefreshCursors(List<String> uids) implements InboxMessage {
        public RefreshCursors {
            uids = List.copyOf(uids);
        }
    }
}
