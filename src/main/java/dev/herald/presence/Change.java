package dev.herald.presence;

import dev.herald.bus.message.PresenceMessage.SessionInfo;
import java.util.List;

/**
 * One operation on a user's sessions, in the words of {@code session-change.lua}.
 *
 * @param op names the operation for ever: however often it is sent, it is carried out once
 */
record Change(String op, String uid, List<Object> args) {

    static Change open(String op, SessionInfo session, long connectedAtMs) {
        int master = session.master() ? 1 : 0;
        return new Change(
                op,
                session.uid(),
                List.of("open", session.id(), session.deviceFlag(), master, connectedAtMs, session.deviceId()));
    }

    static Change end(String op, String uid, long id) {
        return new Change(op, uid, List.of("end", id));
    }

    /** @param deviceFlag -1 for every device */
    static Change kick(String op, String uid, int deviceFlag) {
        return new Change(op, uid, List.of("kick", deviceFlag));
    }

    /** Ends what a dead node left of the user. */
    static Change lost(String op, String uid, long incarnation) {
        return new Change(op, uid, List.of("lost", incarnation));
    }
}
