package dev.herald.fanout;

import dev.herald.it.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import redis.embedded.core.ExecutableProvider;

/** A Redis of one test alone that loses what it is told to lose, always on the same port. */
public final class LosableRedis implements AutoCloseable {
    private final Path folder;
    private final Path binary;
    private final int port;
    private @Nullable Process server;

    public LosableRedis() {
        try {
            folder = Files.createTempDirectory("losable-redis");
            binary = ExecutableProvider.newJarResourceProvider(folder.toFile())
                    .get()
                    .toPath();
            port = Ports.free();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String url() {
        return "redis://127.0.0.1:" + port;
    }

    /** @param appendOnly true to log every write, forced to the disk once a second */
    public LosableRedis start(boolean appendOnly) {
        try {
            server = new ProcessBuilder(List.of(
                            binary.toAbsolutePath().toString(),
                            "--port",
                            Integer.toString(port),
                            "--bind",
                            "127.0.0.1",
                            "--dir",
                            folder.toString(),
                            "--save",
                            "",
                            "--appendonly",
                            appendOnly ? "yes" : "no"))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Awaitility.await().until(() -> "+PONG".equals(tell("PING")));
        return this;
    }

    void kill() {
        Objects.requireNonNull(server).destroyForcibly();
        awaitEnd();
    }

    private void awaitEnd() {
        try {
            Objects.requireNonNull(server).waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** In order: it saves what it has before it ends. */
    void restartInOrder() {
        tell("SHUTDOWN SAVE");
        awaitEnd();
        start(false);
    }

    void wipe() {
        tell("FLUSHALL");
    }

    public void restartEmpty() {
        kill();
        delete("dump.rdb");
        start(false);
    }

    void takeSnapshot() {
        tell("SAVE");
        copy("dump.rdb", "snapshot");
    }

    void restartFromSnapshot() {
        kill();
        copy("snapshot", "dump.rdb");
        start(false);
    }

    void restartFromLog() {
        kill();
        start(true);
    }

    @Override
    public void close() {
        kill();
    }

    /** The first line of the answer. */
    private String tell(String command) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
            StringBuilder line = new StringBuilder();
            for (int c = socket.getInputStream().read();
                    c > '\r';
                    c = socket.getInputStream().read()) {
                line.append((char) c);
            }
            return line.toString();
        } catch (IOException e) {
            return "-" + e.getMessage();
        }
    }

    private void copy(String from, String to) {
        try {
            Files.copy(folder.resolve(from), folder.resolve(to), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void delete(String name) {
        try {
            Files.deleteIfExists(folder.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
