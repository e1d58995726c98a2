package dev.herald.boot;

import dev.herald.failure.HeraldException;
import dev.herald.postgres.PgClients;
import java.time.Duration;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does the steps of a start one after another, each within a deadline, and undoes them in reverse. */
final class Steps {
    private static final Logger log = LoggerFactory.getLogger(Steps.class);

    /** Between two tries of what needs a store that does not answer. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** Carries the blocking work of a step, so that the one who waits can stop waiting. */
    private final ExecutorService worker = Executors.newThreadPerTaskExecutor(
            Thread.ofPlatform().name("step-", 0).daemon().factory());

    private final BlockingDeque<Step> done = new LinkedBlockingDeque<>();
    private final CountDownLatch refusing = new CountDownLatch(1);

    private record Step(String name, Callable<?> undo) {}

    @FunctionalInterface
    interface Undo<T> {
        void undo(T made) throws Exception;
    }

    /** @return what the step made; nothing has to be undone for it */
    <T> T run(String name, Duration deadline, Callable<T> work) {
        return run(name, deadline, work, made -> {});
    }

    /** @return what the step made, for {@code undo} to take down */
    <T> T run(String name, Duration deadline, Callable<T> work, Undo<T> undo) {
        if (refusing.getCount() == 0) {
            throw new StartException("stopped before the step: " + name);
        }
        long begun = System.nanoTime();
        try {
            T made = within(deadline, work);
            log.debug("step={} ms={}", name, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
            done.push(new Step(name, () -> {
                undo.undo(made);
                return made;
            }));
            return made;
        } catch (TimeoutException e) {
            throw new StartException(name + ": not done after " + deadline, e);
        } catch (ExecutionException e) {
            throw failed(name, causeOf(e));
        }
    }

    /**
     * The same for what needs the stores: one that does not answer may restart, so the work is tried again every second, and
     * the log says what for.
     *
     * @param patience after this the last failure is the step's
     * @param deadline of each try
     */
    <T> T runOnStores(String name, Duration patience, Duration deadline, Callable<T> work, Undo<T> undo) {
        long end = System.nanoTime() + patience.toNanos();
        String told = "";
        while (true) {
            try {
                return run(name, deadline, work, undo);
            } catch (StartException e) {
                if (!e.mayPass() || System.nanoTime() - end >= 0) {
                    throw e;
                }
                String why = String.valueOf(e.getMessage());
                if (!why.equals(told)) {
                    log.warn("waiting for a store: {}", why);
                    told = why;
                }
            }
            pause();
        }
    }

    /** Begins work that a later step waits for; when the steps are undone it is interrupted. */
    <T> Callable<T> ahead(String name, Callable<T> work) {
        Future<T> running = worker.submit(work);
        done.push(new Step(name, () -> running.cancel(true)));
        return running::get;
    }

    /** From now on no further step begins. */
    void refuse() {
        refusing.countDown();
    }

    /**
     * Each may take half of the time that is left, so that one that hangs leaves some to the others.
     *
     * @return true if every step was undone; one that fails does not keep the others from it
     */
    boolean undo(Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        boolean orderly = true;
        for (Step step = done.poll(); step != null; step = done.poll()) {
            try {
                within(Duration.ofNanos(end - System.nanoTime()).dividedBy(2), step.undo());
            } catch (TimeoutException | ExecutionException e) {
                log.warn("step={} was not undone in order", step.name(), e);
                orderly = false;
            }
        }
        return orderly;
    }

    private <T> T within(Duration deadline, Callable<T> work) throws TimeoutException, ExecutionException {
        var running = worker.submit(work);
        try {
            return running.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ExecutionException(e);
        } finally {
            running.cancel(true);
        }
    }

    /** A stop that is asked for ends it. */
    private void pause() {
        try {
            refusing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            refuse();
        }
    }

    /** Of what one step began and another waited for, the failure is wrapped twice. */
    private static Throwable causeOf(Throwable e) {
        Throwable cause = e.getCause();
        return e instanceof ExecutionException && cause != null ? causeOf(cause) : e;
    }

    private static StartException failed(String name, Throwable cause) {
        boolean told =
                cause instanceof StartException || (cause instanceof HeraldException && cause.getCause() == null);
        boolean mayPass = HeraldException.failureOf(cause).retryable() || PgClients.isAway(cause);
        return new StartException(name + ": " + cause.getMessage(), told ? null : cause, mayPass);
    }
}
