package dev.herald.bus.message;

import dev.herald.model.Command;
import dev.herald.model.Delivery;
import java.util.List;
import java.util.Set;

/** To the sockets of a node: every instance of the socket verticle hears it and serves the sessions that it owns. */
public sealed interface SocketMessage extends BusMessage {

    /** Nobody's session: for a delivery that skips none. */
    long NO_SESSION = 0;

    /**
     * An ordinary message, or a command that is not stored, for every session of these users.
     *
     * @param skipSession the session that sent it, or {@link #NO_SESSION}
     * @param late true if it was stored some time ago: who connected since has it from the history
     */
    record Push(Set<String> uids, Delivery delivery, long skipSession, boolean late) implements SocketMessage {
        public Push(Set<String> uids, Delivery delivery, long skipSession) {
            this(uids, delivery, skipSession, false);
        }
    }

    /** Several at once, since they came to be at once; to be served in their order. */
    record Pushes(List<Push> list) implements SocketMessage {
        public Pushes {
            list = List.copyOf(list);
        }

        public static Pushes of(Push one) {
            return new Pushes(List.of(one));
        }
    }

    /**
     * What happened to a message, for every session of these users whose client knows such events.
     *
     * @param data JSON text
     */
    record PushEvent(Set<String> uids, String id, String type, long timestampMillis, String data)
            implements SocketMessage {
        public PushEvent {
            uids = Set.copyOf(uids);
        }
    }

    /** Who of these users has no session on this node? */
    record AbsentQuery(Set<String> uids) implements SocketMessage {
        public AbsentQuery {
            uids = Set.copyOf(uids);
        }
    }

    /** These users have none. */
    record Absent(Set<String> uids) implements SocketMessage {
        public Absent {
            uids = Set.copyOf(uids);
        }
    }

    /** A command was appended to these inboxes; whoever is behind reads on from its own cursor. */
    record Wake(Command command, List<Place> places) implements SocketMessage {
        public Wake {
            places = List.copyOf(places);
        }
    }

    /** Inboxes may hold what no wake has told: every session reads on from where it is. */
    record InboxesChanged() implements SocketMessage {}

    /** @param seq where the command stands in the inbox of the user */
    record Place(String uid, long seq) {}

    /** Which sessions are there? */
    record ReportSessions() implements SocketMessage {}

    /** A back end changed whom the clients of this user watch. */
    record WatchListChanged(String uid) implements SocketMessage {}

    /**
     * Close these sessions, whose end the registry already knows.
     *
     * @param text of the DISCONNECT; with {@code silent} none is sent, and a text asks the client to come back
     */
    record CloseSessions(List<Long> ids, boolean silent, String text) implements SocketMessage {
        public CloseSessions {
            ids = List.copyOf(ids);
        }
    }

    /**
     * Who is connected to the node that is asked?
     *
     * @param uid whose connections; "" for everybody's
     * @param offset how many of the lowest ids to pass over
     * @param limit of the rows; 0 asks for the total only
     */
    record ListConnections(String uid, int offset, int limit) implements SocketMessage {
        /** How many there are, and none of them. */
        public static final ListConnections TOTAL = new ListConnections("", 0, 0);
    }

    /** @param total without offset and limit */
    record ConnectionList(int total, List<ConnectionRow> rows) implements SocketMessage {
        public ConnectionList {
            rows = List.copyOf(rows);
        }
    }

    /**
     * One connection whose client has proved who it is.
     *
     * @param id of its session
     * @param ip "" if it is not known
     * @param openMs since it was let in
     * @param idleMs since anything was heard of it
     * @param pendingBytes that wait for it to read
     */
    record ConnectionRow(
            long id,
            String uid,
            int deviceFlag,
            String deviceId,
            String ip,
            int port,
            long openMs,
            long idleMs,
            int pendingBytes) {}

    /** What does this node still know of the way of a command or message? */
    record TraceQuery(long id) implements SocketMessage {}

    record Trace(List<TraceStep> steps) implements SocketMessage {
        public Trace {
            steps = List.copyOf(steps);
        }
    }

    /**
     * @param atMs milliseconds since 1970, by the clock of the node
     * @param what the step in words, as docs/operations.md lists them
     * @param uid empty if it was a step of several, or of a back end
     * @param receivers how many they are; 0 if a back end asked for it
     * @param request the back end's, by its id; else empty
     */
    record TraceStep(long atMs, String what, String uid, int deviceFlag, int receivers, String request) {
        public TraceStep {
            request = request == null ? "" : request;
        }
    }
}
