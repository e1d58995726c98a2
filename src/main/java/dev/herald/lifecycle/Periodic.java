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
 */
public final class Periodic {
    private static final Logger log = LoggerFactory.getLogger(Periodic.class);

    /** Of runs that fail one after another, one in so long is logged. */
    private static final long QUIET_NANOS = Duration.ofMinutes(1).toNanos();

    private final String name;
    private final Supplier<? extends Future<?>> task;
    private final Vertx vertx;
    private final long timer;
    private boolean running;
    private boolean nudged;
    private boolean stopped;
    private boolean failing;
    private long reportedAt;
    private Future<?> last = Future.succeededFuture();

    private Periodic(Vertx vertx, String name, Duration interval, Supplier<? extends Future<?>> task) {
        this.vertx = vertx;
        this.name = name;
        this.task = task;
        this.timer = vertx.setPeriodic(interval.toMillis(), id -> nudge());
    }

    public static Periodic start(Vertx vertx, String name, Duration interval, Supplier<? extends Future<?>> task) {
        return new Periodic(vertx, name, interval, task);
    }

    /** Runs the task now, or once more right after the run that is under way. Call it on the owner's context. */
    public void nudge() {
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
                nudge();
            }
        });
    }

    /** No new run begins; the answer comes when the last one has ended. */
    public Future<Void> stop() {
        stopped = true;
        vertx.cancelTimer(timer);
        return last.<Void>mapEmpty().otherwiseEmpty();
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
