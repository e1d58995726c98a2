package dev.herald.it;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import redis.embedded.core.ExecutableProvider;

/** A Redis server that a test starts, stops and freezes as it likes, always on the same port and with the same files. */
public final class TestRedis implements AutoCloseable {
    private static final Path BINARY = binary();

    private final int port;
    private final Path folder;
    private @Nullable Process server;

    public TestRedis() {
        this(Ports.free());
    }

    TestRedis(int port) {
        this.port = port;
        try {
            folder = Files.createTempDirectory("test-redis");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return port;
    }

    public String url() {
        return "redis://127.0.0.1:" + port;
    }

    public Path file(String name) {
        return folder.resolve(name);
    }

    /** @param settings as on the command line of redis-server, each name before its value */
    public TestRedis start(String... settings) {
        List<String> command = new ArrayList<>(List.of(BINARY.toString()));
        command.addAll(Arrays.asList(settings));
        command.addAll(List.of("--port", Integer.toString(port), "--bind", "127.0.0.1", "--dir", folder.toString()));
        try {
            server = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(file("log").toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(server::destroyForcibly));
        Awaitility.await().until(() -> tell("PING").startsWith("+PONG"));
        return this;
    }

    public void kill() {
        Objects.requireNonNull(server).destroyForcibly();
        awaitEnd();
    }

    /** In order: it saves what it has before it ends. */
    public void stop() {
        tell("SHUTDOWN SAVE");
        awaitEnd();
    }

    /** Stands still, and what its master writes from now on does not even wait for it in the socket. */
    public void fallBehind(TestRedis master) {
        freeze();
        String answer = master.tell("CLIENT KILL TYPE replica");
        if (!answer.equals(":1\r\n")) {
            throw new IllegalStateException(answer);
        }
    }

    public void freeze() {
        Signal.STOP.to(Objects.requireNonNull(server).toHandle());
    }

    public void thaw() {
        Signal.CONT.to(Objects.requireNonNull(server).toHandle());
    }

    @Override
    public void close() {
        kill();
    }

    /** What a client sends. */
    public static Request request(Command command, Object... args) {
        Request request = Request.cmd(command);
        for (Object arg : args) {
            request.arg(String.valueOf(arg));
        }
        return request;
    }

    /** The answer of Redis as it comes, with its type and without what a second packet may bring; an error if none does. */
    public String tell(String command) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
            byte[] answer = new byte[16_384];
            int length = socket.getInputStream().read(answer);
            return new String(answer, 0, Math.max(0, length), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "-" + e.getMessage();
        }
    }

    private void awaitEnd() {
        try {
            Objects.requireNonNull(server).waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Path binary() {
        try {
            return ExecutableProvider.newJarResourceProvider(
                            Files.createTempDirectory("redis-server").toFile())
                    .get()
                    .toPath()
                    .toAbsolutePath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
