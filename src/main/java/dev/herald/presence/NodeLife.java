package dev.herald.presence;

import dev.herald.bus.message.PresenceMessage.EndReason;
import dev.herald.lifecycle.Backoff;
import dev.herald.lifecycle.Fence;
import dev.herald.lifecycle.Portions;
import dev.herald.postgres.PgClients;
import dev.herald.presence.node.Node;
import dev.herald.presence.node.NodeLease;
import dev.herald.presence.registry.Grace;
import dev.herald.presence.registry.SessionRegistry;
import dev.herald.presence.session.OwnSessions;
import dev.herald.presencelog.PresenceLog;
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
    private final PgClients pg;
    private final Node node;
    private final NodeLease lease;
    private final Fence fence;
    private final SessionRegistry registry;
    private final OwnSessions own;
    private final Runnable onReady;

    /** Those under which sessions may be registered: others may take over any of them. */
    private final Set<String> names = new LinkedHashSet<>();

    private long term;
    private String restoring = "";

    /** @param onReady told when all that the node has is registered under its name */
    NodeLife(Vertx vertx, PgClients pg, Node node, SessionRegistry registry, OwnSessions own, Runnable onReady) {
        this.vertx = vertx;
        this.pg = pg;
        this.node = node;
        this.lease = node.lease();
        this.fence = Fence.of(vertx);
        this.registry = registry;
        this.own = own;
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
                    node.list().begin();
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
        String name = lease.node();
        boolean canBegin = node.redis().isConnected();
        Supplier<Future<Optional<String>>> question = () -> canBegin
                ? node.heirs().carryOn(names, lease.nextNode())
                : node.heirs().otherThan(name, names);
        long until = System.nanoTime() + UNCERTAIN.toNanos();
        return heir(question, until, new Backoff(FIRST_RETRY, QUESTION, new Random()))
                .onSuccess(heir -> heir.ifPresent(other -> giveUp("node " + other + " has taken its users over")))
                .onFailure(cause -> giveUp("PostgreSQL does not say whether others have taken its users over"))
                .compose(heir -> canBegin
                        ? begin().onSuccess(begun -> log.warn("node={} goes on as node={}", name, lease.node()))
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
        int closed = own.sessions().endAll(EndReason.NODE_LOST);
        own.meters().gaveUp(closed);
        if (closed > 0) {
            log.error("closed sessions={}: {}", closed, why);
        }
    }

    private void restore(String name) {
        if (name.equals(restoring)) {
            return;
        }
        restoring = name;
        Portions.inTurn(own.sessions().users(), PAGE, page -> restore(name, page))
                .compose(restored -> stillIs(name))
                .compose(still -> lease.ready())
                .onSuccess(ready -> restored(name))
                .onFailure(cause -> log.warn("node={} is not ready yet: {}", name, String.valueOf(cause)))
                .onComplete(done -> restoring = name.equals(restoring) ? "" : restoring);
    }

    private void restored(String name) {
        log.info("node={} has all its sessions registered", name);
        if (name.equals(lease.node())) {
            names.removeIf(other -> !other.equals(name));
            onReady.run();
        }
    }

    private Future<Void> stillIs(String name) {
        return name.equals(lease.node())
                ? Future.succeededFuture()
                : Future.failedFuture("it has lost its lease again");
    }

    private Future<Void> restore(String name, List<String> page) {
        return stillIs(name).compose(still -> node.list().enter(page)).compose(entered -> Future.join(page.stream()
                        .map(uid -> own.repairs().align(uid, Grace.NONE))
                        .toList())
                .mapEmpty());
    }
}
