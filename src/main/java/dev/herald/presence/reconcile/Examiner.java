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
import dev.herald.presence.session.Sessions;
import dev.herald.presencelog.PresenceLog;
import dev.herald.presencelog.UserPresence;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
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
    private final Sessions sessions;
    private final DriftRecorder drifts;
    private final Function<String, Grace> unanswered;
    private final Suspects suspects;

    /** @param unanswered how long a user is held whom a node that does not answer may still have */
    Examiner(
            Bus bus,
            SqlClient pg,
            Peers peers,
            SessionRegistry registry,
            Sessions sessions,
            DriftRecorder drifts,
            Function<String, Grace> unanswered,
            Suspects suspects) {
        this.bus = bus;
        this.pg = pg;
        this.peers = peers;
        this.registry = registry;
        this.sessions = sessions;
        this.drifts = drifts;
        this.unanswered = unanswered;
        this.suspects = suspects;
    }

    /** What a walk has judged users by. */
    record Judgement(
            Peers.View view,
            Map<String, List<Drift>> found,
            Map<String, Long> versions,
            Map<String, UserPresence> told) {}

    /** A first look at users, of whom is known what they were told. */
    Future<Void> examine(List<String> uids, Map<String, UserPresence> told) {
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
            if (sessions.here(uid).isEmpty()) {
                absent.add(uid);
            } else {
                work.add(sessions.claim(uid).onSuccess(outcome -> mended.addAll(claimed(uid, outcome))));
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
        return judge(uids).onSuccess(this::suspect).map(judgement -> judgement.found().values().stream()
                .flatMap(List::stream)
                .toList());
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
        return judge(uids, () -> PresenceLog.find(pg, uids)
                .map(found -> found.stream().collect(Collectors.toMap(UserPresence::uid, Function.identity()))));
    }

    /** What was told, and who lives, is asked for after the look: what has changed since then is not adopted. */
    private Future<Judgement> judge(List<String> uids, Supplier<Future<Map<String, UserPresence>>> told) {
        return registry.looks(uids)
                .compose(looks -> peers.look().compose(view -> told.get().map(known -> judge(looks, view, known))));
    }

    private Judgement judge(List<Look> looks, Peers.View view, Map<String, UserPresence> told) {
        Reconciler reconciler = new Reconciler(view.self(), view.names(), view.isSettled());
        Map<String, List<Drift>> found = new HashMap<>();
        Map<String, Long> versions = new HashMap<>();
        for (Look look : looks) {
            String uid = look.uid();
            List<Drift> drift = sessions.isBusy(uid)
                    ? List.of()
                    : reconciler.compare(look, sessions.here(uid), Optional.ofNullable(told.get(uid)));
            if (!drift.isEmpty()) {
                found.put(uid, drift);
                versions.put(uid, look.version());
            }
        }
        return new Judgement(view, found, versions, told);
    }

    private Future<Void> mend(Judgement judgement) {
        Map<Boolean, List<List<Drift>>> users = judgement.found().values().stream()
                .collect(Collectors.partitioningBy(
                        user -> user.stream().anyMatch(drift -> drift.kind().endsWhatMayLive())));
        List<String> unsure = users.getOrDefault(true, List.of()).stream()
                .map(user -> user.getFirst().uid())
                .toList();
        List<Drift> sure = users.getOrDefault(false, List.of()).stream()
                .flatMap(List::stream)
                .toList();
        Future<Void> mended = mend(sure, judgement, uid -> Grace.NONE);
        return unsure.isEmpty() ? mended : mended.compose(done -> mendIfNowhere(unsure, judgement.view()));
    }

    private Future<Void> mendIfNowhere(List<String> uids, Peers.View view) {
        Set<Long> others = view.others();
        List<Future<?>> asked = new ArrayList<>();
        others.forEach(node -> asked.add(bus.request(node, Addresses.SESSIONS_ALIGN, new AlignUsers(uids))));
        return Future.join(asked).transform(answers -> judge(uids).compose(judgement -> {
            List<Drift> left =
                    judgement.found().values().stream().flatMap(List::stream).toList();
            return mend(left, judgement, answers.succeeded() ? uid -> Grace.NONE : unanswered);
        }));
    }

    /** Of all who find a difference, whose repair changed something counts it. */
    private Future<Void> mend(List<Drift> found, Judgement judgement, Function<String, Grace> grace) {
        Map<String, Map<String, List<Drift>>> repairs = new LinkedHashMap<>();
        for (Drift drift : found) {
            repairs.computeIfAbsent(drift.uid(), uid -> new LinkedHashMap<>())
                    .computeIfAbsent(drift.repairKey(), key -> new ArrayList<>(1))
                    .add(drift);
        }
        List<Future<?>> mending = new ArrayList<>();
        List<Drift> mended = new ArrayList<>();
        repairs.values().forEach(user -> user.values()
                .forEach(drifts -> mending.add(repair(
                                drifts.getFirst(),
                                judgement,
                                grace.apply(drifts.getFirst().uid()))
                        .onSuccess(outcome -> mended.addAll(outcome.changed() ? drifts : List.of())))));
        return Future.join(mending).<Void>mapEmpty().eventually(() -> drifts.mended(mended));
    }

    private Future<Outcome> repair(Drift drift, Judgement judgement, Grace grace) {
        String uid = drift.uid();
        return switch (drift.kind().repair()) {
            case ALIGN -> sessions.align(uid, grace);
            case EVICT -> sessions.evict(uid, drift.detail(), grace);
            case SETTLE -> sessions.mend(uid, grace);
            case ADOPT ->
                sessions.adopt(
                        judgement.told().getOrDefault(uid, UserPresence.unknown(uid)),
                        judgement.versions().getOrDefault(uid, 0L),
                        grace);
            case NONE -> Future.failedFuture("it is mended where it is found");
        };
    }

    private static List<Drift> claimed(String uid, Outcome outcome) {
        List<Drift> drifts = new ArrayList<>();
        for (int i = 0; i < outcome.added(); i++) {
            drifts.add(new Drift(Kind.MISSING_SESSION, uid, -1, "asked for by another node"));
        }
        for (int i = 0; i < outcome.moved(); i++) {
            drifts.add(new Drift(Kind.MISPLACED_SESSION, uid, -1, "asked for by another node"));
        }
        return drifts;
    }
}
