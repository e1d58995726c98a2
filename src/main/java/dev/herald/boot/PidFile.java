package dev.herald.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Where a server notes its process, so that whoever comes later can find it.
 *
 * @param program what its executable's name begins with: a number alone may by now be another's
 * @param signal that ends it at once but in order
 */
record PidFile(String server, Path path, String program, String signal) {
    private static final int POLL_MILLIS = 50;
    private static final int STOP_POLLS = 400;

    /** Ends the server if it runs, and waits up to 20 s for that. */
    void stopServer() throws IOException, InterruptedException {
        Optional<ProcessHandle> running = process();
        if (running.isEmpty()) {
            Files.deleteIfExists(path);
            return;
        }
        ProcessHandle process = running.get();
        signal(process);
        awaitEnd(process);
    }

    /** Asks the server's process to end; by the shell, since not every system has kill as a program. */
    void signal(ProcessHandle process) throws IOException, InterruptedException {
        new ProcessBuilder("sh", "-c", "kill -s %s %d".formatted(signal, process.pid()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    /** Once its file is gone it has ended in order; where nobody reaps orphans the process itself may seem to stay. */
    private void awaitEnd(ProcessHandle process) throws InterruptedException {
        for (int wait = 0; Files.exists(path) && !ended(process); wait++) {
            if (wait == STOP_POLLS) {
                throw new StartException("%s (process %d) does not end".formatted(server, process.pid()));
            }
        }
    }

    private static boolean ended(ProcessHandle process) throws InterruptedException {
        try {
            process.onExit().get(POLL_MILLIS, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException | ExecutionException e) {
            return false;
        }
    }

    private Optional<ProcessHandle> process() throws IOException {
        if (!Files.exists(path)) {
            return Optional.empty();
        }
        return Files.readString(path)
                .lines()
                .findFirst()
                .filter(line -> line.matches("[0-9]{1,18}"))
                .flatMap(line -> ProcessHandle.of(Long.parseLong(line)))
                .filter(ProcessHandle::isAlive)
                .filter(this::isServer);
    }

    /** In doubt it is: what does not end is reported, what is overlooked would spoil the data. */
    private boolean isServer(ProcessHandle process) {
        return process.info()
                .command()
                .map(command -> Path.of(command).getFileName().toString().startsWith(program))
                .orElse(true);
    }
}
