package dev.herald.presence;

import dev.herald.redis.RedisGateway;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the sessions of nodes whose lease has ended, and records what they left unrecorded: page by page, any node may do
 * it, and a pass cut short is repeated. A node does not come back under the same name, so nothing here can be too late.
 */
final class DeadNodes {
    private static final Logger log = LoggerFactory.getLogger(DeadNodes.class);

    private static final int PAGE = 200;

    /** A user that Redis does not answer for is left to the next pass. */
    private static final long PAGE_DEADLINE_MS = 5_000;

    private static final long CALL_DEADLINE_MS = 3_000;

    private final RedisGateway redis;
    private final NodeLease self;
    private final Duration turn;
    private final BooleanSupplier room;
    private final Eviction eviction;

    /** Ends the sessions that a user has on a node, and takes the user off the node's list when all is recorded. */
    interface Eviction {
        Future<Void> evict(String uid, String node);
    }

    /**
     * @param turn how long other nodes leave a dead node to the one that began
     * @param room whether more edges can be taken now
     */
    DeadNodes(RedisGateway redis, NodeLease self, Duration turn, BooleanSupplier room, Eviction eviction) {
        this.redis = redis;
        this.self = self;
        this.turn = turn;
        this.room = room;
        this.eviction = eviction;
    }

    Future<Void> sweep() {
        return send(Request.cmd(Command.SMEMBERS).arg(NodeKeys.NODES)).compose(nodes -> {
            Future<Void> swept = Future.succeededFuture();
            for (String node : nodes == null ? List.<String>of() : others(nodes)) {
                swept = swept.compose(done -> sweep(node)).recover(cause -> {
                    log.warn("cleaning up after node={} failed, it is tried again", node, cause);
                    return Future.succeededFuture();
                });
            }
            return swept;
        });
    }

    private List<String> others(Response nodes) {
        return nodes.stream()
                .map(Response::toString)
                .filter(node -> !node.equals(self.node()))
                .toList();
    }

    private Future<Void> sweep(String node) {
        return isDead(node)
                .compose(dead -> dead ? claim(node) : Future.succeededFuture(false))
                .compose(mine -> {
                    if (!mine) {
                        return Future.succeededFuture();
                    }
                    return page(node, "0")
                            .compose(done -> forgetIfEmpty(node))
                            .eventually(() -> send(Request.cmd(Command.DEL).arg(NodeKeys.cleaner(node))));
                });
    }

    private Future<Boolean> isDead(String node) {
        return send(Request.cmd(Command.EXISTS).arg(NodeKeys.lease(node)))
                .map(leases -> "0".equals(String.valueOf(leases)));
    }

    private Future<Boolean> claim(String node) {
        return send(Request.cmd(Command.SET)
                        .arg(NodeKeys.cleaner(node))
                        .arg(self.node())
                        .arg("NX")
                        .arg("PX")
                        .arg(turn.toMillis()))
                .map(taken -> taken != null);
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
        List<Future<Void>> users = page.get(1).stream()
                .map(uid -> eviction.evict(uid.toString(), node))
                .toList();
        String next = page.get(0).toString();
        return Future.join(users)
                .timeout(PAGE_DEADLINE_MS, TimeUnit.MILLISECONDS)
                .onFailure(cause -> log.warn("node={}: users left for the next pass: {}", node, String.valueOf(cause)))
                .otherwiseEmpty()
                .compose(done -> next.equals("0") ? Future.succeededFuture() : page(node, next));
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
        return redis.send(request).timeout(CALL_DEADLINE_MS, TimeUnit.MILLISECONDS);
    }
}
