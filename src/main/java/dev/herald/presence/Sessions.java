package dev.herald.presence;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.PresenceMessage.EndReason;
import dev.herald.bus.message.PresenceMessage.EndSession;
import dev.herald.bus.message.PresenceMessage.KickDevice;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.bus.message.PresenceMessage.SessionOpened;
import dev.herald.bus.message.SocketMessage.CloseSessions;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.lifecycle.Backoff;
import dev.herald.presencelog.Edge;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries the changes of sessions into the registry and what follows from them out of it: sockets to close, edges to
 * record. A change that Redis may have seen is repeated until its answer is known, because the answer holds the edge.
 */
final class Sessions {
    private static final Logger log = LoggerFactory.getLogger(Sessions.class);

    /** How long an open may wait for its turn; with the registry's own deadline it stays below that of the address. */
    private static final Duration TURN_WAIT = Duration.ofSeconds(5);

    private static final String REPLACED_TEXT = "login in other device";
    private static final int TRIES_PER_WARNING = 16;
    private static final Duration FIRST_RETRY = Duration.ofMillis(50);
    private static final Duration LAST_RETRY = Duration.ofSeconds(2);

    private final Vertx vertx;
    private final Bus bus;
    private final SessionRegistry registry;
    private final EdgeLog edges;
    private final Random random = new Random();
    private final String life = Long.toString(random.nextLong(Long.MAX_VALUE), Character.MAX_RADIX);
    private final Turns turns = new Turns();
    private final Map<Long, String> own = new HashMap<>();
    private final Map<Long, Future<Done>> ending = new HashMap<>();
    private long operations;

    Sessions(Vertx vertx, Bus bus, SessionRegistry registry, EdgeLog edges) {
        this.vertx = vertx;
        this.bus = bus;
        this.registry = registry;
        this.edges = edges;
    }

    /** Fails without a trace, or is undone: a session whose opening failed is not left in the registry. */
    Future<SessionOpened> open(SessionInfo session) {
        Promise<SessionOpened> opened = Promise.promise();
        long until = System.nanoTime() + TURN_WAIT.toNanos();
        turns.run(session.uid(), () -> {
                    if (System.nanoTime() > until) {
                        return Future.failedFuture(new HeraldException(Failure.TIMEOUT, "the registry is slow"));
                    }
                    return connect(session, opened);
                })
                .onFailure(cause -> opened.tryFail(SessionRegistry.unavailable(cause)));
        return opened.future();
    }

    /** Answers when the registry knows; until then it is tried again. */
    Future<Done> end(EndSession end) {
        Future<Done> underWay = ending.get(end.id());
        if (underWay != null) {
            return underWay;
        }
        Change change = Change.end(nextOp(), end.uid(), end.id(), end.reason());
        Future<Done> ended = turns.run(end.uid(), () -> remove(change, "")).map(Done.DONE);
        ending.put(end.id(), ended);
        return ended.onComplete(done -> {
            ending.remove(end.id());
            own.remove(end.id());
        });
    }

    Future<Done> kick(KickDevice kick) {
        Change change = Change.kick(nextOp(), kick.uid(), kick.deviceFlag());
        return turns.run(kick.uid(), () -> remove(change, kick.text())).map(Done.DONE);
    }

    /**
     * Ends what a dead node left of a user. The user stays on that node's list, for a later pass, until every edge is
     * recorded; one who is being worked on is left to a later pass, too.
     */
    Future<Void> evict(String uid, String node) {
        if (turns.isBusy(uid)) {
            return Future.succeededFuture();
        }
        return turns.run(uid, () -> carry(Change.lost(nextOp(), uid, node), "")
                .compose(outcome -> edges.newest(uid) > 0 ? Future.succeededFuture() : registry.leave(node, uid)));
    }

    /** These are in the event log: the registry need not keep them any more. */
    void recorded(List<Edge> recorded) {
        Map<String, Long> versions = new HashMap<>();
        recorded.forEach(edge -> versions.merge(edge.uid(), edge.version(), Math::max));
        versions.forEach((uid, version) -> turns.run(uid, () -> remove(Change.recorded(nextOp(), uid, version), ""))
                .onFailure(cause -> log.error("edges of a user stay to be recorded again", cause)));
    }

    /** Closes every socket of this node without a word and ends its sessions. */
    int endAll(EndReason reason) {
        Map<Long, String> all = Map.copyOf(own);
        own.clear();
        close(List.copyOf(all.keySet()), true, "");
        all.forEach((id, uid) -> end(new EndSession(id, uid, reason))
                .onFailure(cause -> log.error("session={} could not be ended", id, cause)));
        return all.size();
    }

    /** Answers when no change is under way. */
    Future<Void> idle() {
        return turns.idle();
    }

    private Future<Void> connect(SessionInfo session, Promise<SessionOpened> opened) {
        if (!registry.isReady()) {
            return Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, "the registry is not connected"));
        }
        Change change = Change.open(nextOp(), session);
        return registry.apply(change, edges.newest(session.uid()))
                .onSuccess(outcome -> {
                    own.put(session.id(), session.uid());
                    follow(outcome, REPLACED_TEXT);
                    opened.complete(new SessionOpened(outcome.version()));
                })
                .<Void>mapEmpty()
                .recover(cause -> {
                    opened.fail(SessionRegistry.unavailable(cause));
                    return undo(session, change);
                });
    }

    /** An end under the open's own operation: either it learns what the open did, or the open can do nothing any more. */
    private Future<Void> undo(SessionInfo session, Change open) {
        return carry(Change.end(open.op(), session.uid(), session.id(), EndReason.CLOSE), REPLACED_TEXT)
                .compose(outcome -> outcome.verb().equals("open")
                        ? remove(Change.end(nextOp(), session.uid(), session.id(), EndReason.CLOSE), "")
                        : unlist(session.uid(), outcome));
    }

    private Future<Void> remove(Change change, String text) {
        return carry(change, text).compose(outcome -> unlist(change.uid(), outcome));
    }

    /** As long as an edge of the user waits here, the user stays on the list: who cleans up after this node looks there. */
    private Future<Void> unlist(String uid, Outcome outcome) {
        if (outcome.left() > 0 || edges.newest(uid) > 0) {
            return Future.succeededFuture();
        }
        return registry.leave(uid)
                .onFailure(cause -> log.debug("a stale entry stays on this node's list", cause))
                .otherwiseEmpty();
    }

    private Future<Outcome> carry(Change change, String text) {
        return settle(change).onSuccess(outcome -> follow(outcome, text));
    }

    private void follow(Outcome outcome, String text) {
        outcome.removed().forEach(session -> own.remove(session.id()));
        if (outcome.verb().equals("open") || outcome.verb().equals("kick")) {
            close(outcome.closed(false), false, text);
            close(outcome.closed(true), true, "");
        }
        edges.add(outcome.edges());
    }

    private void close(List<Long> ids, boolean silent, String text) {
        ids.stream()
                .collect(Collectors.groupingBy(SessionInfo::incarnationOf))
                .forEach((node, there) ->
                        bus.toNode(node, Addresses.SOCKETS_CLOSE, new CloseSessions(there, silent, text)));
    }

    private Future<Outcome> settle(Change change) {
        Promise<Outcome> answer = Promise.promise();
        attempt(change, 1, new Backoff(FIRST_RETRY, LAST_RETRY, random), answer);
        return answer.future();
    }

    private void attempt(Change change, int tries, Backoff backoff, Promise<Outcome> answer) {
        Future<Outcome> tried = edges.hasRoom()
                ? registry.apply(change, edges.newest(change.uid()))
                : Future.failedFuture(new HeraldException(Failure.OVERLOADED, "too many events wait to be recorded"));
        tried.onSuccess(answer::complete).onFailure(cause -> {
            if (tries % TRIES_PER_WARNING == 0) {
                log.warn("change={} failed tries={}, it is tried again: {}", change.op(), tries, String.valueOf(cause));
            }
            vertx.setTimer(backoff.next().toMillis(), timer -> attempt(change, tries + 1, backoff, answer));
        });
    }

    private String nextOp() {
        return life + "." + ++operations;
    }
}
