package dev.herald.presence.reconcile;

import dev.herald.presence.node.InTime;
import dev.herald.presence.node.NodeKeys;
import dev.herald.presence.node.NodeLease;
import dev.herald.presence.node.NodeList;
import dev.herald.presence.reconcile.Drift.Kind;
import dev.herald.presence.registry.Grace;
import dev.herald.presence.session.Recent;
import dev.herald.presence.session.Residents;
import dev.herald.presence.session.Sessions;
import dev.herald.redis.RedisGateway;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Walks over the users of this node: those whose sockets it has, and whoever else is on its list. */
final class OwnWalk {
    private static final int PAGE = 250;

    private final RedisGateway redis;
    private final NodeLease lease;
    private final NodeList list;
    private final Residents residents;
    private final Recent recent;
    private final Sessions sessions;
    private final Examiner examiner;
    private final DriftRecorder drifts;

    OwnWalk(
            RedisGateway redis,
            NodeLease lease,
            NodeList list,
            Residents residents,
            Recent recent,
            Sessions sessions,
            Examiner examiner,
            DriftRecorder drifts) {
        this.redis = redis;
        this.lease = lease;
        this.list = list;
        this.residents = residents;
        this.recent = recent;
        this.sessions = sessions;
        this.examiner = examiner;
        this.drifts = drifts;
    }

    /** False if this node may not judge now. */
    Future<Boolean> walk(Pace pace) {
        Set<String> users = new HashSet<>(residents.users());
        if (recent.isHeld()) {
            users.addAll(recent.users());
        }
        return walk(pace, users)
                .compose(walked -> walked && isReady() ? strays(pace, "0").map(true) : Future.succeededFuture(false));
    }

    /** The same for some users only. */
    Future<Boolean> walk(Pace pace, Set<String> uids) {
        return isReady() ? pages(pace, List.copyOf(uids), 0).map(true) : Future.succeededFuture(false);
    }

    private boolean isReady() {
        return lease.isHeld() && lease.isReady();
    }

    private Future<Void> pages(Pace pace, List<String> uids, int from) {
        if (from >= uids.size()) {
            return Future.succeededFuture();
        }
        long begun = System.nanoTime();
        List<String> page = uids.subList(from, Math.min(uids.size(), from + PAGE));
        return enlist(page.stream().filter(residents::has).toList())
                .compose(listed -> examiner.examine(page))
                .compose(done -> pace.rest(begun))
                .compose(rested -> pages(pace, uids, from + PAGE));
    }

    private Future<Void> enlist(List<String> uids) {
        Request ask = Request.cmd(Command.SMISMEMBER).arg(NodeKeys.users(lease.node()));
        uids.forEach(ask::arg);
        return uids.isEmpty()
                ? Future.succeededFuture()
                : InTime.of(redis.send(ask)).compose(members -> {
                    List<String> missing = new ArrayList<>();
                    for (int i = 0; i < uids.size(); i++) {
                        if (members != null
                                && String.valueOf(members.get(i)).equals("0")
                                && residents.has(uids.get(i))) {
                            missing.add(uids.get(i));
                        }
                    }
                    return list(missing);
                });
    }

    /** Each for itself: another walk may have listed some of them already. */
    private Future<Void> list(List<String> uids) {
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
    private Future<Void> strays(Pace pace, String cursor) {
        long begun = System.nanoTime();
        Request scan = Request.cmd(Command.SSCAN)
                .arg(NodeKeys.users(lease.node()))
                .arg(cursor)
                .arg("COUNT")
                .arg(PAGE);
        return InTime.of(redis.send(scan)).compose(page -> {
            if (page == null) {
                return Future.succeededFuture();
            }
            List<String> uids = page.get(1).stream()
                    .map(Response::toString)
                    .filter(uid -> !list.has(uid))
                    .toList();
            String next = page.get(0).toString();
            return look(uids)
                    .compose(looked -> pace.rest(begun))
                    .compose(rested -> next.equals("0") ? Future.succeededFuture() : strays(pace, next));
        });
    }

    private Future<Void> look(List<String> uids) {
        if (uids.isEmpty()) {
            return Future.succeededFuture();
        }
        return examiner.examine(uids).compose(examined -> Future.join(uids.stream()
                        .filter(uid -> !residents.has(uid))
                        .map(uid -> sessions.settle(uid, Grace.NONE))
                        .toList())
                .mapEmpty());
    }
}
