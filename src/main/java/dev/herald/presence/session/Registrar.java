package dev.herald.presence.session;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.lifecycle.Backoff;
import dev.herald.presence.node.NodeList;
import dev.herald.presence.registry.Change;
import dev.herald.presence.registry.Grace;
import dev.herald.presence.registry.Outcome;
import dev.herald.presence.registry.SessionRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Random;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends changes to the registry for this node, whose list holds the user before. A change that Redis may have seen is
 * repeated until its answer is known, because the answer holds the edges.
 */
final class Registrar {
    private static final Logger log = LoggerFactory.getLogger(Registrar.class);
    private static final int TRIES_PER_WARNING = 16;
    private static final Duration FIRST_RETRY = Duration.ofMillis(50);
    private static final Duration LAST_RETRY = Duration.ofSeconds(2);

    private final Vertx vertx;
    private final SessionRegistry registry;
    private final NodeList list;
    private final EdgeLog edges;
    private final Random random = new Random();

    Registrar(Vertx vertx, SessionRegistry registry, NodeList list, EdgeLog edges) {
        this.vertx = vertx;
        this.registry = registry;
        this.list = list;
        this.edges = edges;
    }

    /** Once; one that fails may have been carried out all the same. */
    Future<Outcome> attempt(Change change, Grace grace) {
        Future<Void> listed = list.enter(change.uid());
        Future<Outcome> applied = registry.apply(change, grace, edges.newest(change.uid()));
        return Future.all(listed, applied).map(both -> applied.result());
    }

    /** Until it is answered. */
    Future<Outcome> settle(Change change, Grace grace) {
        Promise<Outcome> answer = Promise.promise();
        attempt(change, grace, 1, new Backoff(FIRST_RETRY, LAST_RETRY, random), answer);
        return answer.future();
    }

    private void attempt(Change change, Grace grace, int tries, Backoff backoff, Promise<Outcome> answer) {
        Future<Outcome> tried;
        if (!edges.hasRoom()) {
            tried = Future.failedFuture(new HeraldException(Failure.OVERLOADED, "too many events wait to be recorded"));
        } else if (!registry.isReady()) {
            tried = Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, "the registry is not connected"));
        } else {
            tried = attempt(change, grace);
        }
        tried.onSuccess(answer::complete).onFailure(cause -> {
            if (tries % TRIES_PER_WARNING == 0) {
                log.warn("change={} failed tries={}, it is tried again: {}", change.op(), tries, String.valueOf(cause));
            }
            vertx.setTimer(backoff.next().toMillis(), timer -> attempt(change, grace, tries + 1, backoff, answer));
        });
    }
}
