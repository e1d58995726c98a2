package dev.herald.lifecycle;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs an asynchronous task again and again on the context that made it: never twice at once, after a failed run the next
 * one comes all the same, and a nudge brings the next run forward. A failure is logged once, however often it is met again.
 * One that finds nothing to do may rest: each time in a row one interval longer.
 */
public final class Periodic {
    private static final Logger log = LoggerFactory.getLogger(Periodic.class);

    /** Of runs that fail one after another, one in so long is logged. */
    private static final long QUIET_NANOS = Duration.ofMinutes(1).toNanos();

    /** Between two runs of one that rests, unless the interval is longer. */
    private static final Duration LONGEST_REST = Duration.ofSeconds(5);

    private static final int MOST_INTERVALS = 5;

    private final String name;
    private final Supplier<? extends Future<?>> task;
    private final long mostRests;
    private final Vertx vertx;
    private final long timer;
    private boolean running;
    private boolean nudged;
    private boolean stopped;
    private boolean failing;
    private long reportedAt;
    private long rests;
    private long resting;
    private Future<?> last = Future.succeededFuture();

    private Periodic(Vertx vertx, String name, Duration interval, long mostRests, Supplier<? extends Future<?>> task) {
        this.vertx = vertx;
        this.name = name;
        this.task = task;
        this.mostRests = mostRests;
        this.timer = vertx.setPeriodic(interval.toMillis(), id -> tick());
    }

    public static Periodic start(Vertx vertx, String name, Duration interval, Supplier<? extends Future<?>> task) {
        return new Periodic(vertx, name, interval, 0, task);
    }

    /**
     * For a sweep that is only the net under nudges: finding nothing again and again it comes up to five times less often.
     * What it finds, a failure or a nudge makes it come at each interval again.
     *
     * @param task answers whether there was, or soon will be, something to do
     */
    public static Periodic startResting(Vertx vertx, String name, Duration interval, Supplier<Future<Boolean>> task) {
        return new Periodic(vertx, name, interval, mostRests(interval), task);
    }

    /** Intervals that pass without a run. */
    static long mostRests(Duration interval) {
        return Math.clamp(LONGEST_REST.dividedBy(interval), 1, MOST_INTERVALS) - 1L;
    }

    private void tick() {
        if (resting > 0) {
            resting--;
        } else {
            begin();
        }
    }

    /** Runs the task now, or once more right after the run that is under way. Call it on the owner's context. */
    public void nudge() {
        rests = 0;
        begin();
    }

    private void begin() {
        if (stopped) {
            return;
        }
        if (running) {
            nudged = true;
            return;
        }
        running = true;
        nudged = false;
        last = run().onComplete(done -> {
            running = false;
            if (nudged) {
                begin();
            } else {
                rest(Boolean.FALSE.equals(done.result()));
            }
        });
    }

    /** No new run begins; the answer comes when the last one has ended. */
    public Future<Void> stop() {
        stopped = true;
        vertx.cancelTimer(timer);
        return last.<Void>mapEmpty().otherwiseEmpty();
    }

    private void rest(boolean foundNothing) {
        rests = foundNothing ? Math.min(rests + 1, mostRests) : 0;
        resting = rests;
    }

    private Future<?> run() {
        try {
            return task.get().onSuccess(done -> recover()).onFailure(this::report);
        } catch (RuntimeException e) {
            report(e);
            return Future.failedFuture(e);
        }
    }

    private void report(Throwable cause) {
        long now = System.nanoTime();
        if (!stopped && (!failing || now - reportedAt >= QUIET_NANOS)) {
            reportedAt = now;
            log.atWarn().addKeyValue("task", name).setCause(cause).log("failed, it is tried again");
        }
        failing = true;
    }

    private void recover() {
        if (failing) {
            failing = false;
            log.atInfo().addKeyValue("task", name).log("succeeds again");
        }
    }
}
