package dev.herald.presence;

import dev.herald.bus.message.PresenceMessage.EndReason;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import java.util.List;
import java.util.Locale;

/**
 * One operation on a user's sessions, in the words of {@code session-change.lua}.
 *
 * @param op names the operation for ever: however often it is sent, it is carried out once
 * @param reason of the sessions that it ends
 * @param listed whether the user must be on the node's list before: edges may come of it that are on no other
 */
record Change(String op, String uid, EndReason reason, boolean listed, List<Object> words) {

    static Change open(String op, SessionInfo session) {
        int master = session.master() ? 1 : 0;
        return new Change(
                op,
                session.uid(),
                EndReason.REPLACED,
                true,
                List.of("open", session.id(), session.deviceFlag(), master, session.deviceId()));
    }

    static Change end(String op, String uid, long id, EndReason reason) {
        return new Change(op, uid, reason, true, List.of("end", id));
    }

    /** @param deviceFlag -1 for every device */
    static Change kick(String op, String uid, int deviceFlag) {
        return new Change(op, uid, EndReason.KICKED, true, List.of("kick", deviceFlag));
    }

    /** Ends what a dead node left of the user, who stays on that node's list until it is recorded. */
    static Change lost(String op, String uid, String node) {
        return new Change(op, uid, EndReason.NODE_LOST, false, List.of("lost", node));
    }

    /** The edges up to the version are in the event log. */
    static Change recorded(String op, String uid, long version) {
        return new Change(op, uid, EndReason.CLOSE, false, List.of("recorded", version));
    }

    String reasonWord() {
        return reason.name().toLowerCase(Locale.ROOT);
    }
}
