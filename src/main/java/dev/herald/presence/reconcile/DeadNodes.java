package dev.herald.presence.reconcile;

import dev.herald.presence.node.Heirs;
import dev.herald.presence.node.InTime;
import dev.herald.presence.node.NodeKeys;
import dev.herald.presence.node.NodeLease;
import dev.herald.presence.node.Peers;
import dev.herald.presence.session.Sessions;
import dev.herald.redis.RedisGateway;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the sessions of nodes whose lease has ended, and takes over what they left unrecorded and held: page by page, any
 * node may do it, and a pass cut short is repeated. A node does not come back under the same name, so nothing here can be
 * too late. After an outage in which no node could renew its lease, the others get one lease's time to come back.
 */
public final class DeadNodes {
    private static final Logger log = LoggerFactory.getLogger(DeadNodes.class);

    private static final int PAGE = 200;

    /** A user that Redis does not answer for is left to the next pass. */
    private static final long PAGE_DEADLINE_MS = 5_000;

    private final RedisGateway redis;
    private final NodeLease self;
    private final Peers peers;
    private final Heirs heirs;
    private final BooleanSupplier room;
    private final Sessions sessions;
    private final Consumer<Set<Long>> others;

    /**
     * @param room whether more edges can be taken now
     * @param others told the incarnations of those that live, again and again
     */
    public DeadNodes(
            RedisGateway redis,
            NodeLease self,
            Peers peers,
            Heirs heirs,
            BooleanSupplier room,
            Sessions sessions,
            Consumer<Set<Long>> others) {
        this.redis = redis;
        this.self = self;
        this.peers = peers;
        this.heirs = heirs;
        this.room = room;
        this.sessions = sessions;
        this.others = others;
    }

    public Future<Void> sweep() {
        if (!self.isReady() || !self.isHeld()) {
            return Future.succeededFuture();
        }
        return peers.look().compose(view -> {
            others.accept(view.others());
            Future<Void> swept = Future.succeededFuture();
            for (String node : view.isOutageOver() ? view.dead() : List.<String>of()) {
                swept = swept.compose(done -> sweep(node, view)).recover(cause -> {
                    log.warn("cleaning up after node={} failed, it is tried again", node, cause);
                    return Future.succeededFuture();
                });
            }
            return swept;
        });
    }

    private Future<Void> sweep(String node, Peers.View view) {
        return inherit(node, view)
                .compose(
                        mine -> mine ? page(node, "0").compose(done -> forgetIfEmpty(node)) : Future.succeededFuture());
    }

    private Future<Boolean> inherit(String node, Peers.View view) {
        return heirs.inherit(node, self.node()).compose(heir -> {
            if (heir.equals(self.node()) || view.isAlive(heir)) {
                return Future.succeededFuture(heir.equals(self.node()));
            }
            return heirs.succeed(node, heir, self.node(), self.length());
        });
    }

    private Future<Void> page(String node, String cursor) {
        if (!room.getAsBoolean()) {
            return Future.succeededFuture();
        }
        return send(Request.cmd(Command.SSCAN)
                        .arg(NodeKeys.users(node))
                        .arg(cursor)
                        .arg("COUNT")
                        .arg(PAGE))
                .compose(page -> page == null ? Future.succeededFuture() : evict(node, page));
    }

    private Future<Void> evict(String node, Response page) {
        List<String> uids = page.get(1).stream().map(Response::toString).toList();
        String next = page.get(0).toString();
        Future<Void> evicted = uids.isEmpty() ? Future.succeededFuture() : evict(node, uids);
        return evicted.compose(done -> next.equals("0") ? Future.succeededFuture() : page(node, next));
    }

    private Future<Void> evict(String node, List<String> uids) {
        List<String> done = new ArrayList<>();
        return sessions.takeOver(uids)
                .compose(ours -> Future.join(uids.stream()
                                .map(uid -> sessions.evict(uid, node).onSuccess(ended -> done.add(uid)))
                                .toList())
                        .timeout(PAGE_DEADLINE_MS, TimeUnit.MILLISECONDS)
                        .<Void>mapEmpty()
                        .otherwise(cause -> {
                            log.warn("node={}: users left for the next pass: {}", node, String.valueOf(cause));
                            return null;
                        }))
                .compose(ended -> done.isEmpty() ? Future.succeededFuture() : leave(node, List.copyOf(done)));
    }

    private Future<Void> leave(String node, List<String> uids) {
        Request remove = Request.cmd(Command.SREM).arg(NodeKeys.users(node));
        uids.forEach(remove::arg);
        return send(remove).mapEmpty();
    }

    private Future<Void> forgetIfEmpty(String node) {
        return send(Request.cmd(Command.SCARD).arg(NodeKeys.users(node))).compose(left -> {
            if (!"0".equals(String.valueOf(left))) {
                return Future.succeededFuture();
            }
            log.info("node={} is gone and has no users left", node);
            return send(Request.cmd(Command.SREM).arg(NodeKeys.NODES).arg(node)).mapEmpty();
        });
    }

    private Future<@Nullable Response> send(Request request) {
        return InTime.of(redis.send(request));
    }
}
