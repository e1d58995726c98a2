package dev.herald.presence.reconcile;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.PresenceMessage.EndReason;
import dev.herald.bus.message.PresenceMessage.EndSession;
import dev.herald.bus.message.PresenceMessage.LiveSessions;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.bus.message.SocketMessage.ReportSessions;
import dev.herald.presence.reconcile.Drift.Kind;
import dev.herald.presence.registry.Grace;
import dev.herald.presence.session.OwnSessions;
import dev.herald.presence.session.Residents;
import dev.herald.presence.session.Sessions;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the sockets of this node who they are. A session that was not among them twice in a row has no socket, a socket
 * that was there twice without a session has lost it: once is no proof, since a session may just come or go. A round in
 * which not all event loops answer proves nothing.
 */
final class RollCall {
    private static final Logger log = LoggerFactory.getLogger(RollCall.class);

    private static final int PROOF = 2;

    private final Bus bus;
    private final OwnSessions own;
    private final Residents residents;
    private final Sessions sessions;
    private final DriftRecorder drifts;
    private final DriftMeters meters;
    private Map<Long, Integer> strangers = Map.of();

    RollCall(Bus bus, OwnSessions own, DriftRecorder drifts, DriftMeters meters) {
        this.bus = bus;
        this.own = own;
        this.residents = own.residents();
        this.sessions = own.sessions();
        this.drifts = drifts;
        this.meters = meters;
    }

    /** False if not all of them answered. */
    Future<Boolean> call() {
        return bus.request(Addresses.SOCKETS_REPORT, new ReportSessions()).transform(answer -> {
            if (answer.succeeded()) {
                return drifts.mended(mend(answer.result())).map(true);
            }
            meters.rollCallUnanswered();
            log.debug("not all sockets have said who they are", answer.cause());
            return Future.succeededFuture(false);
        });
    }

    private List<Drift> mend(LiveSessions live) {
        List<Drift> mended = new ArrayList<>();
        for (SessionInfo ghost : residents.missed(live.sessions(), PROOF)) {
            if (!sessions.isBusy(ghost.uid())) {
                mended.add(new Drift(Kind.GHOST_SESSION, ghost.uid(), -1, "session " + ghost.id() + " has no socket"));
                sessions.end(new EndSession(ghost.id(), ghost.uid(), EndReason.RECONCILED));
            }
        }
        Map<Long, Integer> before = strangers;
        strangers = new HashMap<>();
        for (SessionInfo session : live.sessions()) {
            if (residents.has(session.id()) || sessions.isBusy(session.uid())) {
                continue;
            }
            int times = before.getOrDefault(session.id(), 0) + 1;
            if (times < PROOF) {
                strangers.put(session.id(), times);
            } else {
                mended.add(new Drift(Kind.MISSING_SESSION, session.uid(), -1, "socket of session " + session.id()));
                residents.add(session);
                own.repairs().align(session.uid(), Grace.NONE);
            }
        }
        return mended;
    }
}
