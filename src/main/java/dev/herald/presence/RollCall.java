package dev.herald.presence;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.PresenceMessage.EndReason;
import dev.herald.bus.message.PresenceMessage.EndSession;
import dev.herald.bus.message.PresenceMessage.LiveSessions;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.bus.message.SocketMessage.ReportSessions;
import dev.herald.presence.Drift.Kind;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Asks the sockets of this node who they are. A session that was not reported twice in a row has no socket, a socket
 * that was reported twice without a session has lost it: once is no proof, since a session may just come or go.
 */
final class RollCall {
    private static final int PROOF = 2;

    private final Bus bus;
    private final Residents residents;
    private final Sessions sessions;
    private final DriftRecorder drifts;
    private Map<Long, Integer> strangers = new HashMap<>();
    private Map<Long, Integer> seenStrangers = new HashMap<>();
    private boolean answered;

    RollCall(Bus bus, Residents residents, Sessions sessions, DriftRecorder drifts) {
        this.bus = bus;
        this.residents = residents;
        this.sessions = sessions;
        this.drifts = drifts;
    }

    Future<Void> call() {
        List<SessionInfo> missed = answered ? residents.missed(PROOF) : List.of();
        strangers = seenStrangers;
        seenStrangers = new HashMap<>();
        answered = false;
        bus.publish(Addresses.SOCKETS_REPORT, new ReportSessions());
        List<Drift> ghosts = new ArrayList<>();
        for (SessionInfo ghost : missed) {
            if (sessions.isBusy(ghost.uid())) {
                continue;
            }
            ghosts.add(new Drift(Kind.GHOST_SESSION, ghost.uid(), -1, "session " + ghost.id() + " has no socket"));
            sessions.end(new EndSession(ghost.id(), ghost.uid(), EndReason.RECONCILED));
        }
        return drifts.mended(ghosts);
    }

    Future<Done> report(LiveSessions live) {
        answered = true;
        List<Drift> missing = new ArrayList<>();
        for (SessionInfo session : live.sessions()) {
            if (!residents.seen(session.id()) && !sessions.isBusy(session.uid())) {
                int times = strangers.getOrDefault(session.id(), 0) + 1;
                seenStrangers.put(session.id(), times);
                if (times >= PROOF) {
                    seenStrangers.remove(session.id());
                    missing.add(
                            new Drift(Kind.MISSING_SESSION, session.uid(), -1, "socket of session " + session.id()));
                    residents.add(session);
                    sessions.align(session.uid());
                }
            }
        }
        return drifts.mended(missing).map(Done.DONE);
    }
}
