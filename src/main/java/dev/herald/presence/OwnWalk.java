package dev.herald.presence;

import dev.herald.presence.Drift.Kind;
import dev.herald.redis.RedisGateway;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Walks over the users of this node: those whose sockets it has, and whoever else is on its list. */
final class OwnWalk {
    private static final int PAGE = 250;

    private final Pace pace;
    private final RedisGateway redis;
    private final NodeLease lease;
    private final NodeList list;
    private final Residents residents;
    private final Sessions sessions;
    private final Examiner examiner;
    private final DriftRecorder drifts;

    OwnWalk(
            Pace pace,
            RedisGateway redis,
            NodeLease lease,
            NodeList list,
            Residents residents,
            Sessions sessions,
            Examiner examiner,
            DriftRecorder drifts) {
        this.pace = pace;
        this.redis = redis;
        this.lease = lease;
        this.list = list;
        this.residents = residents;
        this.sessions = sessions;
        this.examiner = examiner;
        this.drifts = drifts;
    }

    Future<Void> walk() {
        return lease.isHeld() && lease.isReady()
                ? pages(residents.users(), 0).compose(done -> strays("0"))
                : Future.succeededFuture();
    }

    /** The same for some users only. */
    Future<Void> walk(Set<String> uids) {
        return lease.isHeld() && lease.isReady()
                ? pages(uids.stream().filter(residents::has).toList(), 0)
                : Future.succeededFuture();
    }

    private Future<Void> pages(List<String> uids, int from) {
        if (from >= uids.size()) {
            return Future.succeededFuture();
        }
        long begun = System.nanoTime();
        List<String> page = uids.subList(from, Math.min(uids.size(), from + PAGE)).stream()
                .filter(residents::has)
                .toList();
        return enlist(page)
                .compose(listed -> examiner.examine(page))
                .compose(done -> pace.rest(begun))
                .compose(rested -> pages(uids, from + PAGE));
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
    private Future<Void> strays(String cursor) {
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
                    .compose(rested -> next.equals("0") ? Future.succeededFuture() : strays(next));
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
