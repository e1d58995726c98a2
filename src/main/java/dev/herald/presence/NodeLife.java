package dev.herald.presence;

import dev.herald.bus.message.PresenceMessage.EndReason;
import dev.herald.lifecycle.Backoff;
import dev.herald.lifecycle.Fence;
import dev.herald.postgres.PgClients;
import dev.herald.presence.node.Heirs;
import dev.herald.presence.node.NodeLease;
import dev.herald.presence.node.NodeList;
import dev.herald.presence.registry.SessionRegistry;
import dev.herald.presence.session.PresenceMeters;
import dev.herald.presence.session.Sessions;
import dev.herald.presencelog.PresenceLog;
import dev.herald.redis.RedisGateway;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the node's lease, and decides what becomes of its sessions when that is lost. Who slept through its end closes
 * its sockets before anything else; so does who was taken over by another node, or does not learn in time that it was
 * not. Who only could not reach Redis, like every node while Redis is down, registers its sessions again under a new name.
 */
final class NodeLife {
    private static final Logger log = LoggerFactory.getLogger(NodeLife.class);

    private static final int PAGE = 500;

    /** How long a node that has lost its lease may not know whether it was taken over: what P4 grants beyond the lease. */
    private static final Duration UNCERTAIN = Duration.ofSeconds(5);

    private static final Duration QUESTION = Duration.ofSeconds(2);
    private static final Duration FIRST_RETRY = Duration.ofMillis(50);

    private final Vertx vertx;
    private final RedisGateway redis;
    private final PgClients pg;
    private final NodeLease lease;
    private final Heirs heirs;
    private final Fence fence;
    private final SessionRegistry registry;
    private final NodeList list;
    private final Sessions sessions;
    private final PresenceMeters meters;
    private final Runnable onReady;

    /** Those under which sessions may be registered: others may take over any of them. */
    private final Set<String> names = new LinkedHashSet<>();

    private long term;
    private String restoring = "";

    /** @param onReady told when all that the node has is registered under its name */
    NodeLife(
            Vertx vertx,
            RedisGateway redis,
            PgClients pg,
            NodeLease lease,
            Heirs heirs,
            SessionRegistry registry,
            NodeList list,
            Sessions sessions,
            PresenceMeters meters,
            Runnable onReady) {
        this.vertx = vertx;
        this.redis = redis;
        this.pg = pg;
        this.lease = lease;
        this.heirs = heirs;
        this.fence = Fence.of(vertx);
        this.registry = registry;
        this.list = list;
        this.sessions = sessions;
        this.meters = meters;
        this.onReady = onReady;
        this.term = fence.term();
    }

    /** Takes part, with what it has; that is registered after this has answered. */
    Future<Void> begin() {
        return PresenceLog.clock(pg.statements())
                .onSuccess(registry::exceed)
                .compose(clock -> {
                    names.add(lease.nextNode());
                    return lease.take();
                })
                .onSuccess(held -> {
                    list.begin();
                    pulse();
                    restore(lease.node());
                });
    }

    /** A sign of life, every second. */
    Future<Void> pulse() {
        long now = fence.beat(lease.endsAtNanos(), lease.length().toNanos());
        if (now != term) {
            term = now;
            giveUp("this process slept longer than its lease");
        }
        return Future.succeededFuture();
    }

    Future<Void> renew() {
        pulse();
        return lease.isHeld() ? lease.renew().compose(held -> held ? finish() : resume()) : resume();
    }

    /** A restoration that Redis interrupted is begun anew. */
    private Future<Void> finish() {
        if (!lease.isReady()) {
            restore(lease.node());
        }
        return Future.succeededFuture();
    }

    /** Takes part again with what it had, if nobody else has taken that; as long as Redis is away it only asks. */
    private Future<Void> resume() {
        String node = lease.node();
        boolean canBegin = redis.isConnected();
        Supplier<Future<Optional<String>>> question =
                () -> canBegin ? heirs.carryOn(names, lease.nextNode()) : heirs.otherThan(node, names);
        long until = System.nanoTime() + UNCERTAIN.toNanos();
        return heir(question, until, new Backoff(FIRST_RETRY, QUESTION, new Random()))
                .onSuccess(heir -> heir.ifPresent(other -> giveUp("node " + other + " has taken its users over")))
                .onFailure(cause -> giveUp("PostgreSQL does not say whether others have taken its users over"))
                .compose(heir -> canBegin
                        ? begin().onSuccess(begun -> log.warn("node={} goes on as node={}", node, lease.node()))
                        : Future.succeededFuture());
    }

    /** A PostgreSQL that restarts, or one lost answer, is no reason to close every socket. */
    private Future<Optional<String>> heir(Supplier<Future<Optional<String>>> question, long until, Backoff backoff) {
        return question.get()
                .timeout(QUESTION.toMillis(), TimeUnit.MILLISECONDS)
                .recover(cause -> {
                    if (System.nanoTime() > until) {
                        return Future.failedFuture(cause);
                    }
                    return vertx.timer(backoff.next().toMillis(), TimeUnit.MILLISECONDS)
                            .compose(rested -> heir(question, until, backoff));
                });
    }

    private void giveUp(String why) {
        int closed = sessions.endAll(EndReason.NODE_LOST);
        meters.gaveUp(closed);
        if (closed > 0) {
            log.error("closed sessions={}: {}", closed, why);
        }
    }

    private void restore(String node) {
        if (node.equals(restoring)) {
            return;
        }
        restoring = node;
        restore(node, sessions.users(), 0)
                .compose(restored -> lease.ready())
                .onSuccess(ready -> restored(node))
                .onFailure(cause -> log.warn("node={} is not ready yet: {}", node, String.valueOf(cause)))
                .onComplete(done -> restoring = node.equals(restoring) ? "" : restoring);
    }

    private void restored(String node) {
        log.info("node={} has all its sessions registered", node);
        if (node.equals(lease.node())) {
            names.removeIf(name -> !name.equals(node));
            onReady.run();
        }
    }

    private Future<Void> restore(String node, List<String> uids, int from) {
        if (!node.equals(lease.node())) {
            return Future.failedFuture("it has lost its lease again");
        }
        if (from >= uids.size()) {
            return Future.succeededFuture();
        }
        List<String> page = uids.subList(from, Math.min(uids.size(), from + PAGE));
        return list.enter(page)
                .compose(entered ->
                        Future.join(page.stream().map(sessions::align).toList()))
                .compose(aligned -> restore(node, uids, from + PAGE));
    }
}
