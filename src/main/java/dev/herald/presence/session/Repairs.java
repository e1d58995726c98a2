package dev.herald.presence.session;

import dev.herald.presence.registry.Change;
import dev.herald.presence.registry.Grace;
import dev.herald.presence.registry.Outcome;
import dev.herald.presence.registry.SessionRegistry;
import dev.herald.presencelog.UserPresence;
import io.vertx.core.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What makes the registry true again where no client asks for anything; each grace is for a device that turns out to be gone. */
public final class Repairs {
    private static final Logger log = LoggerFactory.getLogger(Repairs.class);

    /** Holds that end at once are looked at in portions, so that others get their turn. */
    private static final int DUE_AT_ONCE = 500;

    private final Changes changes;
    private final SessionRegistry registry;
    private final Residents residents;
    private final Holds holds;

    Repairs(Changes changes, SessionRegistry registry, Residents residents, Holds holds) {
        this.changes = changes;
        this.registry = registry;
        this.residents = residents;
        this.holds = holds;
    }

    /** Ends the sessions that a user has on a dead node. */
    public Future<Outcome> evict(String uid, String node, Grace grace) {
        return changes.carry(uid, grace, op -> Change.lost(op, uid, node));
    }

    /** Looks at users whose hold is over. */
    public Future<Void> settleDue() {
        if (registry.isReady()) {
            for (String uid : holds.due(DUE_AT_ONCE)) {
                settle(uid).onFailure(cause -> log.error("uid={} could not be settled", uid, cause));
            }
        }
        return Future.succeededFuture();
    }

    /** Makes the registry compare what it has of a user. */
    public Future<Outcome> settle(String uid) {
        return changes.carry(uid, Grace.NONE, op -> Change.settle(op, uid));
    }

    /** The same for what reconciliation found. */
    public Future<Outcome> mend(String uid, Grace grace) {
        return changes.carry(uid, grace, op -> Change.mend(op, uid));
    }

    /** Makes the registry say of a user what this node knows: which sessions it has. */
    public Future<Outcome> align(String uid, Grace grace) {
        return changes.carry(uid, grace, op -> Change.align(op, uid, residents.of(uid)));
    }

    /** Makes the registry say that this node has the sessions that it has, and ends nothing. */
    public Future<Outcome> claim(String uid) {
        return changes.carry(uid, Grace.NONE, op -> Change.claim(op, uid, residents.of(uid)));
    }

    /**
     * Makes the registry take what was last told of a user for what it announced, and compare.
     *
     * @param seen the registry's version that this was judged by: after a change nothing is adopted
     */
    public Future<Outcome> adopt(UserPresence told, long seen, Grace grace) {
        return changes.carry(
                told.uid(),
                grace,
                op -> Change.adopt(
                        op, told.uid(), told.seen(), seen, told.devices().keySet()));
    }
}
