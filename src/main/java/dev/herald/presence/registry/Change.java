package dev.herald.presence.registry;

import dev.herald.bus.message.PresenceMessage.EndReason;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * One operation on a user's sessions, in the words of {@code session-change.lua}.
 *
 * @param op names the operation: however often it is sent, sockets are closed for it once
 * @param reason of the sessions that it ends
 */
public record Change(String op, String uid, EndReason reason, List<Object> words) {

    /** Ends what the kick rules say (wukong-interfaces section 7.2). */
    public static Change open(String op, SessionInfo session) {
        int master = session.master() ? 1 : 0;
        return new Change(
                op,
                session.uid(),
                EndReason.RECONCILED,
                List.of("open", session.id(), session.deviceFlag(), master, session.deviceId()));
    }

    public static Change end(String op, String uid, long id, EndReason reason) {
        return new Change(op, uid, reason, List.of("end", id));
    }

    /** Ends the session under the operation that opened it, which from then on can do nothing any more. */
    public static Change undo(Change open, long id) {
        return new Change(open.op(), open.uid(), EndReason.CLOSE, List.of("undo", id));
    }

    /** @param deviceFlag -1 for every device */
    public static Change kick(String op, String uid, int deviceFlag) {
        return new Change(op, uid, EndReason.KICKED, List.of("kick", deviceFlag));
    }

    /** Ends one session like a kick of its device. */
    public static Change kickOne(String op, String uid, long id) {
        return new Change(op, uid, EndReason.KICKED, List.of("kick", -1, id));
    }

    /** Ends what a dead node left of the user. */
    public static Change lost(String op, String uid, String node) {
        return new Change(op, uid, EndReason.NODE_LOST, List.of("lost", node));
    }

    /** Changes no session: holds that are over become edges. */
    public static Change settle(String op, String uid) {
        return new Change(op, uid, EndReason.RECONCILED, List.of("settle", ""));
    }

    /** The same, by who counts what it mends. */
    public static Change mend(String op, String uid) {
        return new Change(op, uid, EndReason.RECONCILED, List.of("settle", "mend", Long.toString(Look.PATIENCE_MS)));
    }

    /** The user has these sessions on the asking node, and no others. */
    public static Change align(String op, String uid, Collection<SessionInfo> sessions) {
        return present("align", op, uid, sessions);
    }

    /** The user has these sessions on the asking node; what else is registered there is not judged. */
    public static Change claim(String op, String uid, Collection<SessionInfo> sessions) {
        return present("claim", op, uid, sessions);
    }

    private static Change present(String verb, String op, String uid, Collection<SessionInfo> sessions) {
        List<Object> words = new ArrayList<>();
        words.add(verb);
        for (SessionInfo session : sessions) {
            words.addAll(List.of(session.id(), session.deviceFlag(), session.master() ? 1 : 0, session.deviceId()));
        }
        return new Change(op, uid, EndReason.RECONCILED, words);
    }

    /**
     * What was last told of the user, for a registry that thinks otherwise.
     *
     * @param version up to which this was told
     * @param seen the registry's version that it was compared with
     * @param flags told to be online
     */
    public static Change adopt(String op, String uid, long version, long seen, Collection<Integer> flags) {
        List<Object> words = new ArrayList<>(List.of("adopt", version, seen));
        words.addAll(flags);
        return new Change(op, uid, EndReason.RECONCILED, words);
    }

    String reasonWord() {
        return reason.name().toLowerCase(Locale.ROOT);
    }
}
