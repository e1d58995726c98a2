package dev.herald.messaging;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits batches in as many tries as it takes. One that holds something the database refuses is halved until the one bad
 * message stands alone. Any other failure leaves open whether it was committed, so it is tried again: what was stored is
 * found, not stored twice.
 */
final class Commits {
    private static final Logger log = LoggerFactory.getLogger(Commits.class);

    /** Together with the pauses between them as long as a sender waits for its answer. */
    static final int MAX_RETRIES = 5;

    static final Duration PAUSE = Duration.ofSeconds(2);

    private static final String DATA_EXCEPTION = "22";
    private static final String CONSTRAINT_VIOLATION = "23";

    private final Try commit;
    private final Supplier<Future<?>> pause;

    /** One try. */
    interface Try {
        /** @param uncertain an earlier try of this batch may have been committed */
        Future<Void> run(List<Pending> batch, boolean uncertain);
    }

    /** @param pause done when it is time for the next try */
    Commits(Try commit, Supplier<Future<?>> pause) {
        this.commit = commit;
        this.pause = pause;
    }

    /** Never fails: whatever becomes of a message its sender is answered. */
    Future<Void> commit(List<Pending> batch) {
        return attempt(batch, 0);
    }

    private Future<Void> attempt(List<Pending> batch, int failures) {
        return commit.run(batch, failures > 0).recover(cause -> {
            if (isRefusal(cause)) {
                return commitApart(batch);
            }
            return failures == MAX_RETRIES
                    ? fail(batch, cause)
                    : pause.get().compose(v -> attempt(batch, failures + 1));
        });
    }

    /** A single one has a second try: a resend that another node was storing is found as a repeat then. */
    private Future<Void> commitApart(List<Pending> batch) {
        if (batch.size() == 1) {
            return commit.run(batch, false).recover(cause -> fail(batch, cause));
        }
        int half = batch.size() / 2;
        return commit(batch.subList(0, half)).compose(v -> commit(batch.subList(half, batch.size())));
    }

    /** By the class of its SQLSTATE. */
    private static boolean isRefusal(Throwable cause) {
        return cause instanceof PgException refused
                && (refused.getSqlState().startsWith(DATA_EXCEPTION)
                        || refused.getSqlState().startsWith(CONSTRAINT_VIOLATION));
    }

    private static Future<Void> fail(List<Pending> batch, Throwable cause) {
        log.warn("messages={} not stored", batch.size(), cause);
        HeraldException failure = new HeraldException(Failure.UNAVAILABLE, "the message could not be stored");
        batch.forEach(pending -> pending.answer().tryFail(failure));
        return Future.succeededFuture();
    }
}
