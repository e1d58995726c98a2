package dev.herald.boot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The processes of embedded servers, by the files in which they note themselves. */
final class ServerPids {
    private ServerPids() {}

    static long read(Path file) {
        try {
            return Long.parseLong(Files.readAllLines(file).getFirst().strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends SIGKILL. */
    static long kill(Path file) {
        long pid = read(file);
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        return pid;
    }
}
