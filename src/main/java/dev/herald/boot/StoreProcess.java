package dev.herald.boot;

import dev.herald.lifecycle.Backoff;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An embedded server: a child process that is started again whenever it ends and nobody has asked it to. */
final class StoreProcess {
    private static final Logger log = LoggerFactory.getLogger(StoreProcess.class);
    private static final Path SETSID = Path.of("/usr/bin/setsid");
    private static final int POLL_MILLIS = 20;
    private static final int STOP_SECONDS = 20;

    /** Who has lived that long is started again at once; who ends sooner waits longer each time. */
    private static final Duration STEADY = Duration.ofSeconds(30);

    private final Recipe recipe;
    private final Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30), new Random());

    /** Held while a process is begun, so that none begins once the stop has been asked for. */
    private final Lock turn = new ReentrantLock();

    private volatile @Nullable Process running;
    private volatile boolean stopping;

    /**
     * How to run a server.
     *
     * @param command the same each time: port and data stay
     * @param output for what it says before it writes a log of its own
     * @param answers whether the process serves by now; asked often, so quick
     */
    record Recipe(PidFile pid, List<String> command, Redirect output, Predicate<Process> answers) {}

    private StoreProcess(Recipe recipe) {
        this.recipe = recipe;
    }

    /** Returns when it serves, which may take as long as it needs to load its data: the caller has the deadline. */
    static StoreProcess start(Recipe recipe) throws IOException, InterruptedException {
        StoreProcess store = new StoreProcess(recipe);
        Process process = store.begin();
        try {
            while (!recipe.answers().test(process)) {
                if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                    throw new StartException("it ended with code %d, see the logs in and beside %s"
                            .formatted(process.exitValue(), recipe.pid().path().getParent()));
                }
            }
        } catch (InterruptedException e) {
            recipe.pid().signal(process.toHandle());
            throw e;
        }
        store.watch(process, true);
        return store;
    }

    /** Ends it in order, within 20 s, and for good. */
    void stop() throws IOException, InterruptedException {
        Process last = noMore();
        for (int asked = 0; last != null && last.isAlive(); asked++) {
            if (asked == STOP_SECONDS) {
                throw new StartException("%s (process %d) does not end".formatted(name(), last.pid()));
            }
            // Once is not enough: a signal is lost on a process that is just being loaded.
            recipe.pid().signal(last.toHandle());
            last.waitFor(1, TimeUnit.SECONDS);
        }
        Files.deleteIfExists(recipe.pid().path());
    }

    private @Nullable Process noMore() {
        turn.lock();
        try {
            stopping = true;
            return running;
        } finally {
            turn.unlock();
        }
    }

    private Process begin() throws IOException {
        turn.lock();
        try {
            if (stopping) {
                throw new IOException("it is being stopped");
            }
            Process process = new ProcessBuilder(inOwnSession(recipe.command()))
                    .redirectErrorStream(true)
                    .redirectOutput(recipe.output())
                    .start();
            running = process;
            return process;
        } finally {
            turn.unlock();
        }
    }

    /** So that Ctrl-C in a terminal does not end it before Herald has finished with it. */
    private static List<String> inOwnSession(List<String> command) {
        List<String> words = new ArrayList<>(command);
        if (Files.isExecutable(SETSID)) {
            words.addFirst(SETSID.toString());
        }
        return words;
    }

    private void watch(Process process, boolean first) {
        long begun = System.nanoTime();
        heard(process.onExit().thenAccept(ended -> {
            boolean steady = first || System.nanoTime() - begun >= STEADY.toNanos();
            if (steady) {
                backoff.reset();
            }
            lost("process %d ended with code %d".formatted(ended.pid(), ended.exitValue()), steady);
        }));
    }

    private void lost(String how, boolean atOnce) {
        if (!stopping) {
            Duration wait = atOnce ? Duration.ZERO : backoff.next();
            log.warn("{}: {}, it is started again in {} ms", name(), how, wait.toMillis());
            later(wait, this::startAgain);
        }
    }

    private void startAgain() {
        if (stopping) {
            return;
        }
        try {
            Process process = begin();
            watch(process, false);
            tellWhenBack(process);
        } catch (IOException e) {
            lost(String.valueOf(e.getMessage()), false);
        }
    }

    /** Without a deadline, since loading its data may take long; one that ends meanwhile is seen by its watch. */
    private void tellWhenBack(Process process) {
        if (recipe.answers().test(process)) {
            log.info("{}: is back as process {}", name(), process.pid());
        } else if (process.isAlive()) {
            later(Duration.ofMillis(POLL_MILLIS), () -> tellWhenBack(process));
        }
    }

    private void later(Duration wait, Runnable work) {
        Executor delayed = CompletableFuture.delayedExecutor(wait.toMillis(), TimeUnit.MILLISECONDS);
        heard(CompletableFuture.runAsync(work, delayed));
    }

    private void heard(CompletableFuture<?> work) {
        var unused = work.exceptionally(cause -> {
            log.error("{}: is not watched any more", name(), cause);
            return null;
        });
    }

    private String name() {
        return "embedded " + recipe.pid().server();
    }
}
