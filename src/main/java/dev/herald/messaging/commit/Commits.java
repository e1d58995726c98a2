package dev.herald.messaging.commit;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.messaging.judge.Busy;
import dev.herald.messaging.judge.Pending;
import dev.herald.model.ChannelKey;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits batches in as many tries as it takes. One that holds something the database refuses is halved until the one bad
 * message stands alone. Any other failure leaves open whether it was committed, so it is tried again: what was stored is
 * found, not stored twice. If somebody else holds the rows of some channels, these and whoever writes to them are left to the
 * caller, and the rest goes on at once.
 */
public final class Commits {
    private static final Logger log = LoggerFactory.getLogger(Commits.class);

    private static final Future<Set<ChannelKey>> NONE_BUSY = Future.succeededFuture(Set.of());

    /** Together with the pauses between them as long as a sender waits for its answer. */
    static final int MAX_RETRIES = 5;

    public static final Duration PAUSE = Duration.ofSeconds(2);

    /** A sender does not wait for a busy channel longer than for a database that is away. */
    static final Duration PATIENCE = PAUSE.multipliedBy(MAX_RETRIES);

    private static final String DATA_EXCEPTION = "22";
    private static final String CONSTRAINT_VIOLATION = "23";
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private final Try commit;
    private final Function<Set<ChannelKey>, Future<Set<ChannelKey>>> busy;
    private final Supplier<Future<?>> pause;
    private final Runnable untold;

    /** One try. */
    public interface Try {
        /** @param uncertain an earlier try of this batch may have been committed */
        Future<Void> run(List<Pending> batch, boolean uncertain);
    }

    /**
     * @param busy which of these channels somebody else holds
     * @param pause done when it is time for the next try
     * @param untold told whenever messages may be stored without an answer
     */
    public Commits(
            Try commit,
            Function<Set<ChannelKey>, Future<Set<ChannelKey>>> busy,
            Supplier<Future<?>> pause,
            Runnable untold) {
        this.commit = commit;
        this.busy = busy;
        this.pause = pause;
        this.untold = untold;
    }

    /**
     * Never fails: whatever becomes of a message its sender is answered.
     *
     * @return the channels that are busy: what these {@linkplain Stopped stop} is not answered unless it is overdue
     */
    public Future<Set<ChannelKey>> commit(List<Pending> batch) {
        return attempt(batch, 0, false);
    }

    private Future<Set<ChannelKey>> attempt(List<Pending> batch, int failures, boolean uncertain) {
        if (batch.isEmpty()) {
            return NONE_BUSY;
        }
        return commit.run(batch, uncertain).compose(done -> NONE_BUSY, cause -> {
            if (isRefusal(cause)) {
                return commitApart(batch, uncertain);
            }
            if (cause instanceof Busy known) {
                return commitAround(batch, failures, uncertain, cause, known.channels());
            }
            if (isBusy(cause)) {
                return commitAround(batch, failures, uncertain, cause);
            }
            boolean open = isOpen(cause, uncertain);
            return failures == MAX_RETRIES
                    ? fail(batch, cause, open)
                    : pause.get().compose(v -> attempt(batch, failures + 1, open));
        });
    }

    /** If none is found that is busy it was something else that was held, so all of them wait. */
    private Future<Set<ChannelKey>> commitAround(
            List<Pending> batch, int failures, boolean uncertain, Throwable cause) {
        Set<ChannelKey> all = batch.stream().map(Pending::stored).collect(Collectors.toSet());
        return busy.apply(all)
                .otherwise(all)
                .compose(found -> commitAround(batch, failures, uncertain, cause, found.isEmpty() ? all : found));
    }

    private Future<Set<ChannelKey>> commitAround(
            List<Pending> batch, int failures, boolean uncertain, Throwable cause, Set<ChannelKey> busyOnes) {
        Stopped stopped = Stopped.by(busyOnes, batch);
        List<Pending> overdue = batch.stream()
                .filter(each -> stopped.holds(each) && each.age().compareTo(PATIENCE) > 0)
                .toList();
        if (!overdue.isEmpty()) {
            fail(overdue, cause, uncertain);
        }
        return attempt(goingOn(batch, stopped), failures, uncertain).map(more -> union(busyOnes, more));
    }

    private static List<Pending> goingOn(List<Pending> batch, Stopped stopped) {
        return batch.stream().filter(each -> !stopped.holds(each)).toList();
    }

    private static Set<ChannelKey> union(Set<ChannelKey> one, Set<ChannelKey> other) {
        return Stream.concat(one.stream(), other.stream()).collect(Collectors.toUnmodifiableSet());
    }

    /** A single one has a second try: a resend that another node was storing is found as a repeat then. */
    private Future<Set<ChannelKey>> commitApart(List<Pending> batch, boolean uncertain) {
        if (batch.size() == 1) {
            return commit.run(batch, uncertain)
                    .compose(done -> NONE_BUSY, cause -> fail(batch, cause, isOpen(cause, uncertain)));
        }
        List<Pending> first = batch.subList(0, batch.size() / 2);
        List<Pending> second = batch.subList(first.size(), batch.size());
        return attempt(first, 0, uncertain)
                .compose(found -> attempt(goingOn(second, Stopped.by(found, batch)), 0, uncertain)
                        .map(more -> union(found, more)));
    }

    /** Nothing was stored, and that is certain. */
    private static boolean isBusy(Throwable cause) {
        return cause instanceof PgException refused && LOCK_NOT_AVAILABLE.equals(refused.getSqlState());
    }

    /** By the class of its SQLSTATE. */
    private static boolean isRefusal(Throwable cause) {
        return cause instanceof PgException refused
                && (refused.getSqlState().startsWith(DATA_EXCEPTION)
                        || refused.getSqlState().startsWith(CONSTRAINT_VIOLATION));
    }

    /** Told at once: every node still knows where the log was before that. */
    private boolean isOpen(Throwable cause, boolean uncertain) {
        boolean open = mayBeStored(cause);
        if (open) {
            untold.run();
        }
        return open || uncertain;
    }

    /** Not if the database was never reached, or has said no, or was not asked. */
    private static boolean mayBeStored(Throwable cause) {
        return !(cause instanceof ConnectException)
                && !(cause instanceof HeraldException)
                && !PgClients.isRefusal(cause);
    }

    private Future<Set<ChannelKey>> fail(List<Pending> batch, Throwable cause, boolean uncertain) {
        log.warn("messages={} {}", batch.size(), uncertain ? "may be stored or not" : "not stored", cause);
        HeraldException failure = uncertain
                ? new HeraldException(Failure.TIMEOUT, "whether the message was stored is not known")
                : new HeraldException(Failure.UNAVAILABLE, "the message could not be stored");
        batch.forEach(pending -> pending.answer().tryFail(failure));
        return NONE_BUSY;
    }
}
