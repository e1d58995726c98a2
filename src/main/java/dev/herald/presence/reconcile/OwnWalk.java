package dev.herald.presence.reconcile;

import dev.herald.lifecycle.Portions;
import dev.herald.presence.node.Node;
import dev.herald.presence.node.NodeLease;
import dev.herald.presence.node.NodeList;
import dev.herald.presence.reconcile.Drift.Kind;
import dev.herald.presence.session.OwnSessions;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Walks over the users of this node: those whose sockets it has, and whoever else is on its list. */
final class OwnWalk {
    private static final int PAGE = 250;

    private final NodeLease lease;
    private final NodeList list;
    private final OwnSessions own;
    private final Examiner examiner;
    private final DriftRecorder drifts;

    OwnWalk(Node node, OwnSessions own, Examiner examiner, DriftRecorder drifts) {
        this.lease = node.lease();
        this.list = node.list();
        this.own = own;
        this.examiner = examiner;
        this.drifts = drifts;
    }

    /** False if this node may not judge now. */
    Future<Boolean> walk(Pace pace) {
        Set<String> users = new HashSet<>(own.residents().users());
        if (own.recent().isHeld()) {
            users.addAll(own.recent().users());
        }
        return walk(pace, users)
                .compose(walked ->
                        walked && lease.mayJudge() ? strays(pace, "").map(true) : Future.succeededFuture(false));
    }

    /** The same for some users only. */
    Future<Boolean> walk(Pace pace, Set<String> uids) {
        return lease.mayJudge()
                ? Portions.inTurn(List.copyOf(uids), PAGE, page -> look(pace, page))
                        .map(true)
                : Future.succeededFuture(false);
    }

    private Future<Void> look(Pace pace, List<String> page) {
        long begun = System.nanoTime();
        return enlist(page.stream().filter(own.residents()::has).toList())
                .compose(listed -> examiner.examine(page))
                .compose(done -> pace.rest(begun));
    }

    private Future<Void> enlist(List<String> uids) {
        return uids.isEmpty()
                ? Future.succeededFuture()
                : list.inRedis()
                        .missing(uids)
                        .compose(missing -> enter(
                                missing.stream().filter(own.residents()::has).toList()));
    }

    /** Each for itself: another walk may have listed some of them already. */
    private Future<Void> enter(List<String> uids) {
        List<Drift> mended = new ArrayList<>();
        List<Future<Long>> listing = uids.stream()
                .map(uid -> list.enter(List.of(uid)).onSuccess(added -> {
                    if (added > 0) {
                        mended.add(new Drift(Kind.UNLISTED_USER, uid, -1, lease.node()));
                    }
                }))
                .toList();
        return Future.join(listing).compose(listed -> drifts.mended(mended));
    }

    /** Who is on the list for nothing is looked at and leaves it. */
    private Future<Void> strays(Pace pace, String place) {
        long begun = System.nanoTime();
        return list.inRedis().page(place, PAGE).compose(page -> look(page.keys().stream()
                        .filter(uid -> !list.has(uid))
                        .toList())
                .compose(looked -> pace.rest(begun))
                .compose(rested -> page.next().isEmpty() ? Future.succeededFuture() : strays(pace, page.next())));
    }

    private Future<Void> look(List<String> uids) {
        if (uids.isEmpty()) {
            return Future.succeededFuture();
        }
        return examiner.examine(uids).compose(examined -> Future.join(uids.stream()
                        .filter(uid -> !own.residents().has(uid))
                        .map(uid -> own.repairs().settle(uid))
                        .toList())
                .mapEmpty());
    }
}
