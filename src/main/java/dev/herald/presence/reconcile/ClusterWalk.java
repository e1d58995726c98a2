package dev.herald.presence.reconcile;

import dev.herald.presence.node.Node;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Walks over users wherever they are, on one node at a time: another goes on if that one dies. It waits as long as nodes
 * still register what they have.
 */
final class ClusterWalk {
    private static final Logger log = LoggerFactory.getLogger(ClusterWalk.class);

    private final Pace pace;
    private final Node node;
    private final Passes passes;
    private final Duration every;
    private final Steps steps;
    private long notBefore = System.nanoTime();

    interface Steps {
        /**
         * Looks at some users.
         *
         * @param place where the step before ended; an empty text: this is the first one
         * @return where this one ended; nothing: that were all
         */
        Future<Optional<String>> after(String place);
    }

    ClusterWalk(Pace pace, Node node, Passes passes, Duration every, Steps steps) {
        this.pace = pace;
        this.node = node;
        this.passes = passes;
        this.every = every;
        this.steps = steps;
    }

    /** Walks if it is time and nobody else does; true if a walk ended here. */
    Future<Boolean> walk() {
        if (!node.lease().mayJudge() || System.nanoTime() - notBefore < 0) {
            return Future.succeededFuture(false);
        }
        return node.peers().look().compose(view -> {
            if (!view.isSettled()) {
                return Future.succeededFuture(false);
            }
            String holder = node.lease().node();
            return passes.claim(holder, every).compose(turn -> {
                notBefore = System.nanoTime() + turn.in().toNanos();
                return turn.after().map(place -> step(holder, place)).orElse(Future.succeededFuture(false));
            });
        });
    }

    private Future<Boolean> step(String holder, String after) {
        long begun = System.nanoTime();
        return steps.after(after).compose(ended -> {
            if (ended.isEmpty()) {
                return passes.finish(holder).map(true);
            }
            String place = ended.get();
            return pace.rest(begun)
                    .compose(rested -> passes.advance(holder, place))
                    .compose(mine -> {
                        if (!mine) {
                            log.info("node={} was overtaken in its walk", holder);
                        }
                        return mine ? step(holder, place) : Future.succeededFuture(false);
                    });
        });
    }
}
