package dev.herald.presence.reconcile;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.PresenceMessage.AlignUsers;
import dev.herald.presence.node.Peers;
import dev.herald.presence.reconcile.Drift.Kind;
import dev.herald.presence.registry.Grace;
import dev.herald.presence.registry.Look;
import dev.herald.presence.registry.Outcome;
import dev.herald.presence.registry.SessionRegistry;
import dev.herald.presence.session.OwnSessions;
import dev.herald.presence.session.Repairs;
import dev.herald.presence.session.Residents;
import dev.herald.presence.session.Sessions;
import dev.herald.presencelog.PresenceLog;
import dev.herald.presencelog.UserPresence;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at users, and mends what is wrong with them still at a second look: what changes at the moment looks wrong, too.
 * Nobody is told offline for it before every node has said that it does not have the user.
 */
final class Examiner {
    private static final Logger log = LoggerFactory.getLogger(Examiner.class);

    private static final int CONFIRM_AT_ONCE = 2_000;

    private final Bus bus;
    private final SqlClient pg;
    private final Peers peers;
    private final SessionRegistry registry;
    private final Residents residents;
    private final Sessions sessions;
    private final Repairs repairs;
    private final DriftRecorder drifts;
    private final Function<String, Grace> unanswered;
    private final Suspects suspects;

    /** @param unanswered how long a user is held whom a node that does not answer may still have */
    Examiner(
            Bus bus,
            SqlClient pg,
            Peers peers,
            SessionRegistry registry,
            OwnSessions own,
            DriftRecorder drifts,
            Function<String, Grace> unanswered,
            Suspects suspects) {
        this.bus = bus;
        this.pg = pg;
        this.peers = peers;
        this.registry = registry;
        this.residents = own.residents();
        this.sessions = own.sessions();
        this.repairs = own.repairs();
        this.drifts = drifts;
        this.unanswered = unanswered;
        this.suspects = suspects;
    }

    /**
     * What is wrong with a user.
     *
     * @param version of the registry that it was judged by
     * @param told what was told last
     */
    private record Finding(List<Drift> drifts, long version, UserPresence told) {}

    /** By what, and with which users something is wrong. */
    private record Judgement(Peers.View view, Map<String, Finding> found) {
        List<Drift> drifts() {
            return found.values().stream()
                    .flatMap(user -> user.drifts().stream())
                    .toList();
        }
    }

    /** A first look at users, of whom is known what was told. */
    Future<Void> examineTold(List<UserPresence> told) {
        List<String> uids = told.stream().map(UserPresence::uid).toList();
        return judge(uids, () -> Future.succeededFuture(told))
                .onSuccess(this::suspect)
                .mapEmpty();
    }

    /** A first look at users. */
    Future<Void> examine(List<String> uids) {
        return judge(uids).onSuccess(this::suspect).mapEmpty();
    }

    /**
     * Another node asks before it ends anything of these users: what this one has of them is registered now, and what is
     * registered under its name though it does not have it is looked at.
     */
    Future<Void> claim(List<String> uids) {
        List<Drift> mended = new ArrayList<>();
        List<Future<?>> work = new ArrayList<>();
        List<String> absent = new ArrayList<>();
        for (String uid : uids) {
            if (!residents.has(uid)) {
                absent.add(uid);
            } else {
                work.add(repairs.claim(uid).onSuccess(outcome -> mended.addAll(claimed(uid, outcome))));
            }
        }
        // Whoever asks need not wait for it: what it finds is mended by a second look.
        if (!absent.isEmpty()) {
            examine(absent).onFailure(cause -> log.debug("users={} are not looked at", absent.size(), cause));
        }
        return Future.join(work).compose(claimed -> drifts.mended(mended));
    }

    /** A first look whose findings are told, too. */
    Future<List<Drift>> verify(List<String> uids) {
        return judge(uids).onSuccess(this::suspect).map(Judgement::drifts);
    }

    /** The second look at those whose time has come. */
    Future<Void> confirm() {
        List<String> uids = suspects.due(CONFIRM_AT_ONCE);
        return uids.isEmpty() ? Future.succeededFuture() : judge(uids).compose(this::mend);
    }

    private void suspect(Judgement judgement) {
        suspects.add(judgement.found().keySet());
    }

    private Future<Judgement> judge(List<String> uids) {
        return judge(uids, () -> PresenceLog.findAll(pg, uids));
    }

    /** What was told, and who lives, is asked for after the look: what has changed since then is not adopted. */
    private Future<Judgement> judge(List<String> uids, Supplier<Future<List<UserPresence>>> told) {
        return registry.looks(uids)
                .compose(looks -> peers.look().compose(view -> told.get().map(known -> judge(looks, view, known))));
    }

    private Judgement judge(List<Look> looks, Peers.View view, List<UserPresence> told) {
        Reconciler reconciler = new Reconciler(view.self(), view.names(), view.isSettled());
        Map<String, UserPresence> toldOf =
                told.stream().collect(Collectors.toMap(UserPresence::uid, Function.identity(), (one, same) -> one));
        Map<String, Finding> found = new HashMap<>();
        for (Look look : looks) {
            String uid = look.uid();
            UserPresence last = toldOf.getOrDefault(uid, UserPresence.unknown(uid));
            List<Drift> drifts = sessions.isBusy(uid) ? List.of() : reconciler.compare(look, residents.of(uid), last);
            if (!drifts.isEmpty()) {
                found.put(uid, new Finding(drifts, look.version(), last));
            }
        }
        return new Judgement(view, found);
    }

    private Future<Void> mend(Judgement judgement) {
        Map<Boolean, List<Finding>> users = judgement.found().values().stream()
                .collect(Collectors.partitioningBy(user ->
                        user.drifts().stream().anyMatch(drift -> drift.kind().endsWhatMayLive())));
        List<Finding> unsure = users.getOrDefault(true, List.of());
        Future<Void> mended = mend(users.getOrDefault(false, List.of()), uid -> Grace.NONE);
        return unsure.isEmpty() ? mended : mended.compose(done -> mendIfNowhere(unsure, judgement.view()));
    }

    private Future<Void> mendIfNowhere(Collection<Finding> users, Peers.View view) {
        List<String> uids = users.stream().map(user -> user.told().uid()).toList();
        List<Future<?>> asked = new ArrayList<>();
        view.others().forEach(node -> asked.add(bus.request(node, Addresses.SESSIONS_ALIGN, new AlignUsers(uids))));
        return Future.join(asked).transform(answers -> judge(uids)
                .compose(judgement ->
                        mend(judgement.found().values(), answers.succeeded() ? uid -> Grace.NONE : unanswered)));
    }

    /** Of all who find a difference, whose repair changed something counts it. */
    private Future<Void> mend(Collection<Finding> users, Function<String, Grace> grace) {
        List<Future<?>> mending = new ArrayList<>();
        List<Drift> mended = new ArrayList<>();
        for (Finding user : users) {
            Map<String, List<Drift>> repairs = user.drifts().stream()
                    .collect(Collectors.groupingBy(Drift::repairKey, LinkedHashMap::new, Collectors.toList()));
            repairs.values()
                    .forEach(drifts -> mending.add(repair(
                                    drifts.getFirst(),
                                    user,
                                    grace.apply(user.told().uid()))
                            .onSuccess(outcome -> mended.addAll(outcome.changed() ? drifts : List.of()))));
        }
        return Future.join(mending).<Void>mapEmpty().eventually(() -> drifts.mended(mended));
    }

    private Future<Outcome> repair(Drift drift, Finding user, Grace grace) {
        String uid = drift.uid();
        return switch (drift.kind().repair()) {
            case ALIGN -> repairs.align(uid, grace);
            case EVICT -> repairs.evict(uid, drift.detail(), grace);
            case SETTLE -> repairs.mend(uid, grace);
            case ADOPT -> repairs.adopt(user.told(), user.version(), grace);
            case NONE -> Future.failedFuture("it is mended where it is found");
        };
    }

    private static List<Drift> claimed(String uid, Outcome outcome) {
        return Stream.concat(
                        Collections.nCopies(outcome.added(), Kind.MISSING_SESSION).stream(),
                        Collections.nCopies(outcome.moved(), Kind.MISPLACED_SESSION).stream())
                .map(kind -> new Drift(kind, uid, -1, "asked for by another node"))
                .toList();
    }
}
