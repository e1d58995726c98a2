package dev.herald.presence.session;

import dev.herald.bus.message.Done;
import dev.herald.bus.message.PresenceMessage.EndReason;
import dev.herald.bus.message.PresenceMessage.EndSession;
import dev.herald.bus.message.PresenceMessage.KickDevice;
import dev.herald.bus.message.PresenceMessage.KickSession;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.bus.message.PresenceMessage.SessionOpened;
import dev.herald.bus.message.SocketMessage.CloseSessions;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.presence.node.NodeList;
import dev.herald.presence.registry.Change;
import dev.herald.presence.registry.Grace;
import dev.herald.presence.registry.Outcome;
import dev.herald.presence.registry.SessionRegistry;
import dev.herald.presencelog.Edge;
import dev.herald.presencelog.UserPresence;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries the changes of sessions into the registry and what follows from them out of it: sockets to close, edges to
 * record, holds to look after.
 */
public final class Sessions {
    private static final Logger log = LoggerFactory.getLogger(Sessions.class);

    /** How long an open may wait for its turn; with the registry's own deadline it stays below that of the address. */
    private static final Duration TURN_WAIT = Duration.ofSeconds(5);

    private static final String REPLACED_TEXT = "login in other device";

    /** To clients whose session ended though nobody wanted that. */
    private static final String COME_BACK_TEXT = "the node lost this session, connect again";

    /** Holds that end at once are looked at in portions, so that others get their turn. */
    private static final int DUE_AT_ONCE = 500;

    private final Closings closings;
    private final Registrar registrar;
    private final Tiers tiers;
    private final EdgeLog edges;
    private final NodeList list;
    private final Residents residents;
    private final Recent recent;
    private final Holds holds;
    private final PresenceMeters meters;
    private final String life = Long.toString(new Random().nextLong(Long.MAX_VALUE), Character.MAX_RADIX);
    private final Turns turns = new Turns();
    private final Map<Long, Future<Done>> ending = new HashMap<>();
    private long operations;

    public Sessions(
            Closings closings,
            Registrar registrar,
            Tiers tiers,
            EdgeLog edges,
            NodeList list,
            Residents residents,
            Recent recent,
            Holds holds,
            PresenceMeters meters) {
        this.closings = closings;
        this.registrar = registrar;
        this.tiers = tiers;
        this.edges = edges;
        this.list = list;
        this.residents = residents;
        this.recent = recent;
        this.holds = holds;
        this.meters = meters;
    }

    /** Fails without a trace, or is undone: a session whose opening failed is not left in the registry. */
    public Future<SessionOpened> open(SessionInfo session) {
        Promise<SessionOpened> opened = Promise.promise();
        long until = System.nanoTime() + TURN_WAIT.toNanos();
        turn(session.uid(), () -> {
                    if (System.nanoTime() > until) {
                        return Future.failedFuture(new HeraldException(Failure.TIMEOUT, "the registry is slow"));
                    }
                    return connect(session, opened);
                })
                .onFailure(cause -> opened.tryFail(SessionRegistry.unavailable(cause)));
        return opened.future();
    }

    /** Answers when the registry knows; until then it is tried again. */
    public Future<Done> end(EndSession end) {
        Future<Done> underWay = ending.get(end.id());
        if (underWay != null) {
            return underWay;
        }
        Future<Done> ended = turn(end.uid(), () -> {
                    residents.remove(end.id());
                    return carry(Change.end(nextOp(), end.uid(), end.id(), end.reason()), "");
                })
                .map(Done.DONE);
        ending.put(end.id(), ended);
        return ended.onComplete(done -> ending.remove(end.id()));
    }

    public Future<Done> kick(KickDevice kick) {
        return turn(kick.uid(), () -> carry(Change.kick(nextOp(), kick.uid(), kick.deviceFlag()), kick.text()))
                .map(Done.DONE);
    }

    /** Does nothing if the user has no such session. */
    public Future<Done> kick(KickSession kick) {
        return turn(kick.uid(), () -> carry(Change.kickOne(nextOp(), kick.uid(), kick.id()), kick.text()))
                .map(Done.DONE);
    }

    /**
     * Ends what this node still has of a user who was kicked, and the registry does not: one that came back empty cannot say
     * whom a kick is for. What came after the kick is registered.
     */
    public void kickUnregistered(String uid, Predicate<SessionInfo> meant, String text) {
        if (residents.of(uid).stream().noneMatch(meant)) {
            return;
        }
        turn(uid, () -> registrar.registered(uid))
                .onFailure(cause -> log.warn("uid={} may not be kicked here", uid, cause))
                .onSuccess(registered -> residents.of(uid).stream()
                        .filter(meant)
                        .filter(session -> !registered.contains(session.id()))
                        .forEach(session -> {
                            close(List.of(session.id()), true, false, text);
                            end(new EndSession(session.id(), uid, EndReason.KICKED))
                                    .onFailure(
                                            cause -> log.error("session={} could not be ended", session.id(), cause));
                        }));
    }

    /** Another node, or this one, has ended these sessions in the registry. */
    public void closed(List<Long> ids) {
        for (long id : ids) {
            residents.uidOf(id).ifPresent(uid -> {
                residents.remove(id);
                recent.note(uid);
                release(uid);
            });
        }
    }

    /** From now on this node answers for these users. */
    public Future<Void> takeOver(List<String> uids) {
        return list.enter(uids).mapEmpty();
    }

    /** Ends the sessions that a user has on a dead node. */
    public Future<Outcome> evict(String uid, String node) {
        return evict(uid, node, Grace.NONE);
    }

    /** The grace is for a device that this was the last session of. */
    public Future<Outcome> evict(String uid, String node, Grace grace) {
        return turn(uid, () -> carry(Change.lost(nextOp(), uid, node), grace, ""));
    }

    /** Looks at users whose hold is over. */
    public Future<Void> settleDue() {
        if (registrar.isReady()) {
            for (String uid : holds.due(DUE_AT_ONCE)) {
                settle(uid, Grace.NONE).onFailure(cause -> log.error("uid={} could not be settled", uid, cause));
            }
        }
        return Future.succeededFuture();
    }

    /** Makes the registry compare what it has of a user; the grace is for a device that turns out to be gone. */
    public Future<Outcome> settle(String uid, Grace grace) {
        return turn(uid, () -> carry(Change.settle(nextOp(), uid), grace, ""));
    }

    /** The same for what reconciliation found. */
    public Future<Outcome> mend(String uid, Grace grace) {
        return turn(uid, () -> carry(Change.mend(nextOp(), uid), grace, ""));
    }

    /** Makes the registry say of a user what this node knows: which sessions it has. */
    public Future<Outcome> align(String uid) {
        return align(uid, Grace.NONE);
    }

    /** Makes the registry say that this node has the sessions that it has, and ends nothing. */
    public Future<Outcome> claim(String uid) {
        return turn(uid, () -> carry(Change.claim(nextOp(), uid, residents.of(uid)), Grace.NONE, ""));
    }

    /** The grace is for a device that turns out to be gone. */
    public Future<Outcome> align(String uid, Grace grace) {
        return turn(uid, () -> carry(Change.align(nextOp(), uid, residents.of(uid)), grace, ""));
    }

    /**
     * Makes the registry take what was last told of a user for what it announced, and compare.
     *
     * @param seen the registry's version that this was judged by: after a change nothing is adopted
     */
    public Future<Outcome> adopt(UserPresence told, long seen, Grace grace) {
        return turn(
                told.uid(),
                () -> carry(
                        Change.adopt(
                                nextOp(),
                                told.uid(),
                                told.seen(),
                                seen,
                                told.devices().keySet()),
                        grace,
                        ""));
    }

    /** The sessions of a user whose sockets this node has. */
    public List<SessionInfo> here(String uid) {
        return residents.of(uid);
    }

    /** Something of the user is about to change here. */
    public boolean isBusy(String uid) {
        return turns.isBusy(uid) || edges.newest(uid) > 0;
    }

    /** Users of whom this node has something to tell the registry, or to look after there. */
    public List<String> users() {
        Set<String> users = new HashSet<>(residents.users());
        users.addAll(holds.all());
        return List.copyOf(users);
    }

    /** These are in the event log: the registry need not keep them any more. */
    public void recorded(List<Edge> recorded) {
        Map<String, Long> versions = new HashMap<>();
        recorded.forEach(edge -> versions.merge(edge.uid(), edge.version(), Math::max));
        registrar
                .forgetEdges(versions)
                .onFailure(cause -> log.debug("edges stay in the registry, to be recorded once more", cause));
        versions.keySet().forEach(this::release);
    }

    /** Closes every socket of this node without a word and ends its sessions. */
    public int endAll(EndReason reason) {
        List<SessionInfo> all = residents.clear();
        close(all.stream().map(SessionInfo::id).toList(), false, true, COME_BACK_TEXT);
        all.forEach(session -> end(new EndSession(session.id(), session.uid(), reason))
                .onFailure(cause -> log.error("session={} could not be ended", session.id(), cause)));
        return all.size();
    }

    /** Answers when no change is under way. */
    public Future<Void> idle() {
        return turns.idle();
    }

    private Future<Outcome> connect(SessionInfo session, Promise<SessionOpened> opened) {
        if (!registrar.isReady()) {
            return Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, "the registry is not connected"));
        }
        Change change = Change.open(nextOp(), session);
        return registrar
                .attempt(change, tiers.grace(change.uid(), change.reason()))
                .onSuccess(outcome -> {
                    residents.add(session);
                    follow(change, outcome, REPLACED_TEXT);
                    opened.complete(new SessionOpened(outcome.version()));
                })
                .recover(cause -> {
                    opened.fail(SessionRegistry.unavailable(cause));
                    return undo(session, change);
                });
    }

    /** Either it learns what the open did, or the open can do nothing any more. */
    private Future<Outcome> undo(SessionInfo session, Change open) {
        return carry(Change.undo(open, session.id()), REPLACED_TEXT)
                .compose(outcome -> outcome.verb().equals("open")
                        ? carry(Change.end(nextOp(), session.uid(), session.id(), EndReason.CLOSE), "")
                        : Future.succeededFuture(outcome));
    }

    private Future<Outcome> carry(Change change, String text) {
        return carry(change, tiers.grace(change.uid(), change.reason()), text);
    }

    private Future<Outcome> carry(Change change, Grace grace, String text) {
        return registrar.settle(change, grace).onSuccess(outcome -> follow(change, outcome, text));
    }

    private void follow(Change change, Outcome outcome, String text) {
        outcome.removed().forEach(session -> residents.remove(session.id()));
        meters.ended(
                outcome.verb().equals("open") ? EndReason.REPLACED : change.reason(),
                outcome.removed().size());
        meters.crowded(outcome.crowded());
        meters.suppressed(outcome.cancelled());
        if (!outcome.verb().equals("end") && !outcome.verb().equals("undo")) {
            boolean isMeant = outcome.verb().equals("open") || outcome.verb().equals("kick");
            close(outcome.closed(false), isMeant, !isMeant, isMeant ? text : COME_BACK_TEXT);
            close(outcome.closed(true), isMeant, true, "");
        }
        if (outcome.waitMs() >= 0) {
            holds.watch(change.uid(), outcome.waitMs());
        } else {
            holds.forget(change.uid());
        }
        edges.add(outcome.edges());
    }

    /** @param isMeant whether it must happen; else the node ends them itself, if it lives at all */
    private void close(List<Long> ids, boolean isMeant, boolean silent, String text) {
        ids.stream().collect(Collectors.groupingBy(SessionInfo::incarnationOf)).forEach((node, there) -> {
            CloseSessions sessions = new CloseSessions(there, silent, text);
            if (isMeant) {
                closings.ask(node, sessions);
            } else {
                closings.tell(node, sessions);
            }
        });
    }

    private <T> Future<T> turn(String uid, Supplier<Future<T>> work) {
        return turns.run(uid, work).onComplete(done -> {
            recent.note(uid);
            release(uid);
        });
    }

    /** As long as anything of the user waits here, the user stays on the list: who cleans up after this node looks there. */
    private void release(String uid) {
        if (!residents.has(uid) && !holds.watches(uid) && edges.newest(uid) == 0 && !turns.isBusy(uid)) {
            list.leave(uid);
        }
    }

    private String nextOp() {
        return life + "." + ++operations;
    }
}
