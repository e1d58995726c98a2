package dev.herald.boot;

import dev.herald.it.HeraldProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** The packaged Herald as it runs alone, with stores of its own, for what becomes of those. */
final class Standalone {
    private static final Duration START = Duration.ofSeconds(90);
    private static final Pattern REDIS_PORT = Pattern.compile("port=(\\d+)");

    private final Path data;
    private final Path output;
    private final Process process;

    private Standalone(Path data, Path output, Process process) {
        this.data = data;
        this.output = output;
        this.process = process;
    }

    static Standalone launch(Path data) throws IOException {
        return launch(data, HeraldProcess.command());
    }

    /** Starts it as Maven does: through a process that ends alone when it is told to. */
    static Standalone launchUnderShell(Path data) throws IOException {
        String command = "'" + String.join("' '", HeraldProcess.command()) + "' --with-parent; true";
        return launch(data, List.of("sh", "-c", command));
    }

    private static Standalone launch(Path data, List<String> command) throws IOException {
        Path output = Files.createTempFile(data.getParent(), "herald-", ".out");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("HERALD_"));
        builder.environment().put("HERALD_DATA_DIR", data.toString());
        List.of("HTTP", "WS", "TCP", "MANAGEMENT")
                .forEach(port -> builder.environment().put("HERALD_" + port + "_PORT", "0"));
        return new Standalone(data, output, builder.start());
    }

    Standalone awaitReady() {
        Awaitility.await().atMost(START).until(() -> output().contains("Herald is ready") || !process.isAlive());
        if (!process.isAlive()) {
            throw new IllegalStateException(output());
        }
        return this;
    }

    Process process() {
        return process;
    }

    String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The two servers, and whatever else the process has started. */
    List<ProcessHandle> children() throws IOException {
        Stream<ProcessHandle> servers = Stream.of(postmasterFile(), data.resolve("redis/redis.pid"))
                .map(ServerPids::read)
                .flatMap(pid -> ProcessHandle.of(pid).stream());
        return Stream.concat(servers, process.descendants()).distinct().toList();
    }

    Connection postgres() throws IOException, SQLException {
        String port = Files.readAllLines(postmasterFile()).get(3);
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres", "postgres", "");
    }

    /** @return the first line of the answer */
    String redis(String command) throws IOException {
        int port = REDIS_PORT
                .matcher(Files.readString(data.resolve("redis/redis.log")))
                .results()
                .map(MatchResult::group)
                .map(found -> Integer.parseInt(found.substring("port=".length())))
                .reduce((earlier, later) -> later)
                .orElseThrow();
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.getOutputStream().write((command + "\r\nQUIT\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    void killAndWait() {
        process.destroyForcibly().onExit().join();
    }

    /** Sends SIGTERM. */
    int stopAndWait() {
        process.destroy();
        return process.onExit().join().exitValue();
    }

    private Path postmasterFile() {
        return data.resolve("postgres/postmaster.pid");
    }
}
