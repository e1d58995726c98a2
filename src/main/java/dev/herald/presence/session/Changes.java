package dev.herald.presence.session;

import dev.herald.bus.message.PresenceMessage.EndReason;
import dev.herald.presence.node.NodeList;
import dev.herald.presence.registry.Change;
import dev.herald.presence.registry.Grace;
import dev.herald.presence.registry.Outcome;
import dev.herald.presence.registry.SessionRegistry;
import dev.herald.presencelog.Edge;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries changes into the registry, those of one user one after the other, and what follows from them out of it: sockets
 * to close, edges to record, holds to look after.
 */
final class Changes {
    private static final Logger log = LoggerFactory.getLogger(Changes.class);

    private static final Duration APPEND_DEADLINE = Duration.ofSeconds(30);

    /** To clients whose session ended though nobody wanted that. */
    static final String COME_BACK_TEXT = "the node lost this session, connect again";

    private final SessionRegistry registry;
    private final NodeList list;
    private final EdgeLog edges;
    private final Registrar registrar;
    private final Runnable told;
    private final Closings closings;
    private final Tiers tiers;
    private final Residents residents;
    private final Recent recent;
    private final Holds holds;
    private final PresenceMeters meters;
    private final Turns turns = new Turns();
    private final String life = Long.toString(new Random().nextLong(Long.MAX_VALUE), Character.MAX_RADIX);
    private long operations;

    /**
     * @param append records edges
     * @param told is run when some are recorded
     */
    Changes(
            Vertx vertx,
            SessionRegistry registry,
            NodeList list,
            Function<List<Edge>, Future<Void>> append,
            Runnable told,
            Closings closings,
            Tiers tiers,
            Residents residents,
            Recent recent,
            Holds holds,
            PresenceMeters meters) {
        this.registry = registry;
        this.list = list;
        this.edges = new EdgeLog(vertx, APPEND_DEADLINE, append, this::recorded, meters::refused);
        this.registrar = new Registrar(vertx, registry, list, edges);
        this.told = told;
        this.closings = closings;
        this.tiers = tiers;
        this.residents = residents;
        this.recent = recent;
        this.holds = holds;
        this.meters = meters;
    }

    EdgeLog edges() {
        return edges;
    }

    /** Something of the user is about to change here. */
    boolean isBusy(String uid) {
        return turns.isBusy(uid) || edges.newest(uid) > 0;
    }

    /** Answers when no change is under way. */
    Future<Void> idle() {
        return turns.idle();
    }

    /**
     * In the user's turn, until the registry has answered.
     *
     * @param change made when the turn has come, of the operation's name
     */
    Future<Outcome> carry(String uid, Grace grace, Function<String, Change> change) {
        return turn(uid, () -> carry(change.apply(nextOp()), grace, ""));
    }

    /** The same with the grace that goes with its reason. */
    Future<Outcome> carry(String uid, String text, Function<String, Change> change) {
        return turn(uid, () -> carry(change.apply(nextOp()), text));
    }

    <T> Future<T> turn(String uid, Supplier<Future<T>> work) {
        return turns.run(uid, work).onComplete(done -> {
            recent.note(uid);
            release(uid);
        });
    }

    String nextOp() {
        return life + "." + ++operations;
    }

    /** For whoever has the turn. */
    Future<Outcome> carry(Change change, String text) {
        return carry(change, tiers.grace(change.uid(), change.reason()), text);
    }

    /** The same once: if it fails, it may have been carried out or not. */
    Future<Outcome> attempt(Change change, String text) {
        return registrar
                .attempt(change, tiers.grace(change.uid(), change.reason()))
                .onSuccess(outcome -> follow(change, outcome, text));
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
            closings.close(outcome.closed(false), isMeant, !isMeant, isMeant ? text : COME_BACK_TEXT);
            closings.close(outcome.closed(true), isMeant, true, "");
        }
        if (outcome.waitMs() >= 0) {
            holds.watch(change.uid(), outcome.waitMs());
        } else {
            holds.forget(change.uid());
        }
        edges.add(outcome.edges());
    }

    /** These are in the event log: the registry need not keep them any more. */
    private void recorded(List<Edge> recorded) {
        told.run();
        Map<String, Long> versions = new HashMap<>();
        recorded.forEach(edge -> versions.merge(edge.uid(), edge.version(), Math::max));
        registry.forgetEdges(versions)
                .onFailure(cause -> log.debug("edges stay in the registry, to be recorded once more", cause));
        versions.keySet().forEach(this::release);
    }

    /** As long as anything of the user waits here, the user stays on the list: who cleans up after this node looks there. */
    void release(String uid) {
        if (!residents.has(uid) && !holds.watches(uid) && !isBusy(uid)) {
            list.leave(uid);
        }
    }
}
