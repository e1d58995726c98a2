package dev.herald.presence.reconcile;

import dev.herald.presence.node.Node;
import dev.herald.presence.node.Peers;
import dev.herald.presence.node.UserList;
import dev.herald.presence.registry.Grace;
import dev.herald.presence.session.OwnSessions;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the sessions of nodes whose lease has ended, and takes over what they left unrecorded and held: page by page, any
 * node may do it, and a pass cut short is repeated. A node does not come back under the same name, so nothing here can be
 * too late. After an outage in which no node could renew its lease, the others get one lease's time to come back; and
 * who has lost its own does not judge.
 */
public final class DeadNodes {
    private static final Logger log = LoggerFactory.getLogger(DeadNodes.class);

    private static final int PAGE = 200;

    /** A user that Redis does not answer for is left to the next pass. */
    private static final long PAGE_DEADLINE_MS = 5_000;

    private final Node self;
    private final OwnSessions own;
    private final Consumer<Set<Long>> others;

    /** @param others told the incarnations of those that live, again and again */
    public DeadNodes(Node self, OwnSessions own, Consumer<Set<Long>> others) {
        this.self = self;
        this.own = own;
        this.others = others;
    }

    public Future<Void> sweep() {
        if (!self.lease().mayJudge()) {
            return Future.succeededFuture();
        }
        return self.peers().look().compose(view -> {
            others.accept(view.others());
            Future<Void> swept = Future.succeededFuture();
            boolean mayTakeOver = view.isOutageOver() && view.isAlive(view.self());
            for (String node : mayTakeOver ? view.dead() : List.<String>of()) {
                swept = swept.compose(done -> sweep(node, view)).recover(cause -> {
                    log.warn("cleaning up after node={} failed, it is tried again", node, cause);
                    return Future.succeededFuture();
                });
            }
            return swept;
        });
    }

    private Future<Void> sweep(String node, Peers.View view) {
        UserList users = new UserList(self.redis(), node);
        return inherit(node, view)
                .compose(mine ->
                        mine ? takeOver(users, "").compose(done -> forgetIfEmpty(users)) : Future.succeededFuture());
    }

    private Future<Boolean> inherit(String node, Peers.View view) {
        String me = self.lease().node();
        return self.heirs().inherit(node, me).compose(heir -> {
            if (heir.equals(me) || view.isAlive(heir)) {
                return Future.succeededFuture(heir.equals(me));
            }
            return self.heirs().succeed(node, heir, me, self.lease().length());
        });
    }

    private Future<Void> takeOver(UserList users, String place) {
        if (!own.edges().hasRoom()) {
            return Future.succeededFuture();
        }
        return users.page(place, PAGE).compose(page -> {
            Future<Void> evicted = page.keys().isEmpty() ? Future.succeededFuture() : evict(users, page.keys());
            return evicted.compose(
                    done -> page.next().isEmpty() ? Future.succeededFuture() : takeOver(users, page.next()));
        });
    }

    /** From then on this node answers for them. */
    private Future<Void> evict(UserList users, List<String> uids) {
        List<String> done = new ArrayList<>();
        return self.list()
                .enter(uids)
                .compose(entered -> Future.join(uids.stream()
                                .map(uid -> own.repairs()
                                        .evict(uid, users.node(), Grace.NONE)
                                        .onSuccess(ended -> done.add(uid)))
                                .toList())
                        .timeout(PAGE_DEADLINE_MS, TimeUnit.MILLISECONDS)
                        .<Void>mapEmpty()
                        .otherwise(cause -> {
                            log.warn("node={}: users left for the next pass: {}", users.node(), String.valueOf(cause));
                            return null;
                        }))
                .compose(ended -> done.isEmpty() ? Future.succeededFuture() : users.remove(List.copyOf(done)));
    }

    private Future<Void> forgetIfEmpty(UserList users) {
        return users.isEmpty().compose(isEmpty -> {
            if (!isEmpty) {
                return Future.succeededFuture();
            }
            log.info("node={} is gone and has no users left", users.node());
            return self.peers().forget(users.node());
        });
    }
}
