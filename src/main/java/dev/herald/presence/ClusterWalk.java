package dev.herald.presence;

import dev.herald.presencelog.UserPresence;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Walks over users wherever they are, on one node at a time: another goes on if that one dies. It waits as long as nodes
 * still register what they have.
 */
final class ClusterWalk {
    private static final Logger log = LoggerFactory.getLogger(ClusterWalk.class);

    private final Pace pace;
    private final NodeLease lease;
    private final Peers peers;
    private final Passes passes;
    private final Examiner examiner;
    private final Duration every;
    private final Source source;
    private long notBefore = System.nanoTime();

    /** Gives users, each with what was told, in the order of their uids. */
    interface Source {
        /** @return the next ones; none: that was all */
        Future<SortedMap<String, UserPresence>> after(String uid);
    }

    ClusterWalk(
            Pace pace, NodeLease lease, Peers peers, Passes passes, Examiner examiner, Duration every, Source source) {
        this.pace = pace;
        this.lease = lease;
        this.peers = peers;
        this.passes = passes;
        this.examiner = examiner;
        this.every = every;
        this.source = source;
    }

    /** Walks if it is time and nobody else does; true if a walk ended here. */
    Future<Boolean> walk() {
        if (!lease.isHeld() || !lease.isReady() || System.nanoTime() - notBefore < 0) {
            return Future.succeededFuture(false);
        }
        return peers.look().compose(view -> {
            if (!view.isSettled()) {
                return Future.succeededFuture(false);
            }
            String holder = lease.node();
            return passes.claim(holder, every).compose(turn -> {
                notBefore = System.nanoTime() + turn.in().toNanos();
                return turn.after().map(uid -> page(holder, uid)).orElse(Future.succeededFuture(false));
            });
        });
    }

    private Future<Boolean> page(String holder, String after) {
        long begun = System.nanoTime();
        return source.after(after).compose(users -> {
            if (users.isEmpty()) {
                return passes.finish(holder).map(true);
            }
            String last = users.lastKey();
            return examiner.examine(List.copyOf(users.keySet()), Map.copyOf(users))
                    .compose(examined -> pace.rest(begun))
                    .compose(rested -> passes.advance(holder, last))
                    .compose(mine -> {
                        if (!mine) {
                            log.info("node={} was overtaken in its walk", holder);
                        }
                        return mine ? page(holder, last) : Future.succeededFuture(false);
                    });
        });
    }
}
