package dev.herald.presence;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.PresenceMessage.AlignUsers;
import dev.herald.presence.Drift.Repair;
import dev.herald.presencelog.PresenceLog;
import dev.herald.presencelog.UserPresence;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Looks at users, and mends what is wrong with them still at a second look: what changes at the moment looks wrong, too.
 * Nobody is told offline for it before every node has said that it does not have the user.
 */
final class Examiner {
    private static final long CONFIRM_AFTER_NANOS = Duration.ofSeconds(1).toNanos();
    private static final int CONFIRM_AT_ONCE = 1_000;

    /** Further ones are found again by the next walk. */
    private static final int MAX_SUSPECTS = 20_000;

    private final Bus bus;
    private final SqlClient pg;
    private final Peers peers;
    private final SessionRegistry registry;
    private final Sessions sessions;
    private final DriftRecorder drifts;
    private final Grace unanswered;
    private final LongSupplier nanoTime;
    private final Map<String, Long> suspects = new LinkedHashMap<>();

    /** @param unanswered how long a user is held whom a node that does not answer may still have */
    Examiner(
            Bus bus,
            SqlClient pg,
            Peers peers,
            SessionRegistry registry,
            Sessions sessions,
            DriftRecorder drifts,
            Grace unanswered,
            LongSupplier nanoTime) {
        this.bus = bus;
        this.pg = pg;
        this.peers = peers;
        this.registry = registry;
        this.sessions = sessions;
        this.drifts = drifts;
        this.unanswered = unanswered;
        this.nanoTime = nanoTime;
    }

    /** What a walk has judged users by. */
    record Judgement(Peers.View view, Map<String, List<Drift>> found, Map<String, UserPresence> told) {}

    /** A first look at users, of whom is known what they were told. */
    Future<Void> examine(List<String> uids, Map<String, UserPresence> told) {
        return judge(uids, told).onSuccess(this::suspect).mapEmpty();
    }

    /** A first look at users. */
    Future<Void> examine(List<String> uids) {
        return judge(uids).onSuccess(this::suspect).mapEmpty();
    }

    /** A first look whose findings are told, too. */
    Future<List<Drift>> verify(List<String> uids) {
        return judge(uids).onSuccess(this::suspect).map(judgement -> judgement.found().values().stream()
                .flatMap(List::stream)
                .toList());
    }

    /** The second look at those whose time has come. */
    Future<Void> confirm() {
        long before = nanoTime.getAsLong() - CONFIRM_AFTER_NANOS;
        List<String> uids = suspects.entrySet().stream()
                .filter(suspect -> suspect.getValue() - before <= 0)
                .limit(CONFIRM_AT_ONCE)
                .map(Map.Entry::getKey)
                .toList();
        uids.forEach(suspects::remove);
        return uids.isEmpty() ? Future.succeededFuture() : judge(uids).compose(this::mend);
    }

    private void suspect(Judgement judgement) {
        for (String uid : judgement.found().keySet()) {
            if (suspects.size() < MAX_SUSPECTS) {
                suspects.putIfAbsent(uid, nanoTime.getAsLong());
            }
        }
    }

    private Future<Judgement> judge(List<String> uids) {
        return PresenceLog.find(pg, uids)
                .compose(found ->
                        judge(uids, found.stream().collect(Collectors.toMap(UserPresence::uid, Function.identity()))));
    }

    private Future<Judgement> judge(List<String> uids, Map<String, UserPresence> told) {
        return peers.look().compose(view -> registry.looks(uids).map(looks -> {
            Reconciler reconciler = new Reconciler(view.self(), view.names(), view.isSettled());
            Map<String, List<Drift>> found = new HashMap<>();
            for (Look look : looks) {
                String uid = look.uid();
                List<Drift> drift = sessions.isBusy(uid)
                        ? List.of()
                        : reconciler.compare(look, sessions.here(uid), Optional.ofNullable(told.get(uid)));
                if (!drift.isEmpty()) {
                    found.put(uid, drift);
                }
            }
            return new Judgement(view, found, told);
        }));
    }

    private Future<Void> mend(Judgement judgement) {
        List<String> unsure = judgement.found().entrySet().stream()
                .filter(user -> user.getValue().stream()
                        .anyMatch(drift -> drift.kind().repair().endsWhatMayLive()))
                .map(Map.Entry::getKey)
                .toList();
        List<Drift> sure = judgement.found().entrySet().stream()
                .filter(user -> !unsure.contains(user.getKey()))
                .flatMap(user -> user.getValue().stream())
                .toList();
        Future<Void> mended = mend(sure, judgement, Grace.NONE);
        return unsure.isEmpty() ? mended : mended.compose(done -> mendIfNowhere(unsure, judgement.view()));
    }

    private Future<Void> mendIfNowhere(List<String> uids, Peers.View view) {
        Set<Long> others = view.others();
        List<Future<?>> asked = new ArrayList<>();
        others.forEach(node -> asked.add(bus.request(node, Addresses.SESSIONS_ALIGN, new AlignUsers(uids))));
        return Future.join(asked).transform(answers -> judge(uids).compose(judgement -> {
            List<Drift> left =
                    judgement.found().values().stream().flatMap(List::stream).toList();
            return mend(left, judgement, answers.succeeded() ? Grace.NONE : unanswered);
        }));
    }

    /** One call mends all of a user's differences that are mended in the same way. */
    private Future<Void> mend(List<Drift> found, Judgement judgement, Grace grace) {
        if (found.isEmpty()) {
            return Future.succeededFuture();
        }
        Map<String, Map<Repair, Drift>> repairs = new LinkedHashMap<>();
        for (Drift drift : found) {
            repairs.computeIfAbsent(drift.uid(), uid -> new LinkedHashMap<>())
                    .putIfAbsent(drift.kind().repair(), drift);
        }
        List<Future<?>> mending = new ArrayList<>();
        repairs.forEach((uid, kinds) -> kinds.values()
                .forEach(drift -> mending.add(
                        repair(drift, Optional.ofNullable(judgement.told().get(uid)), grace))));
        return Future.join(mending).<Void>mapEmpty().eventually(() -> drifts.mended(found));
    }

    private Future<?> repair(Drift drift, Optional<UserPresence> told, Grace grace) {
        return switch (drift.kind().repair()) {
            case ALIGN -> sessions.align(drift.uid());
            case EVICT -> sessions.evict(drift.uid(), drift.detail());
            case SETTLE, SETTLE_IF_NOWHERE -> sessions.settle(drift.uid(), grace);
            case ADOPT, ADOPT_IF_NOWHERE ->
                sessions.adopt(told.orElseGet(() -> UserPresence.unknown(drift.uid())), grace);
            case NONE -> Future.succeededFuture();
        };
    }
}
