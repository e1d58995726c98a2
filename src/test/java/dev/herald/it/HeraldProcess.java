package dev.herald.it;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** The packaged Herald as a process of its own, to be used from outside and to be killed. */
public final class HeraldProcess implements Reached, AutoCloseable {
    /** Property of whoever measures: with 4 the process compiles as it is shipped, without it starts sooner. */
    public static final String TIER = "herald.tier";

    private static final Duration READY_WITHIN = Duration.ofSeconds(120);
    private static final int GRACE_SECONDS = 60;

    private final Map<String, String> environment;
    private final Path log;
    private Process process;

    private HeraldProcess(Map<String, String> environment, Path log) {
        this.environment = environment;
        this.log = log;
    }

    /** @param settings over free ports; what it prints is appended to {@code herald.log} in the folder */
    public static HeraldProcess start(Path folder, Map<String, String> settings) {
        Map<String, String> environment = new HashMap<>();
        for (String port : List.of("HERALD_HTTP_PORT", "HERALD_WS_PORT", "HERALD_TCP_PORT", "HERALD_MANAGEMENT_PORT")) {
            environment.put(port, Integer.toString(Ports.free()));
        }
        environment.put("HERALD_DATA_DIR", folder.resolve("data").toString());
        environment.put("HERALD_WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8");
        environment.putAll(settings);
        HeraldProcess herald = new HeraldProcess(environment, folder.resolve("herald.log"));
        herald.start();
        return herald;
    }

    /** Where a node has its stores and posts its events. */
    static Map<String, String> settings(String postgres, Receiver receiver) {
        Map<String, String> settings = new HashMap<>();
        settings.put("HERALD_POSTGRES_URL", postgres);
        settings.put("HERALD_REDIS_URL", Stores.freshRedis());
        settings.put("HERALD_WEBHOOK_URL", receiver.url());
        settings.put("HERALD_WEBHOOK_SECRET", Receiver.SECRET);
        return settings;
    }

    /**
     * What runs the packaged Herald. The first process that ends in order leaves the classes as the JVM has read them, for
     * those that follow; what it says of that is kept out of Herald's output.
     */
    public static List<String> command() {
        Path jar = Path.of(System.getProperty("herald.jar", "target/herald.jar"));
        return List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:+AutoCreateSharedArchive",
                "-XX:SharedArchiveFile=" + jar.resolveSibling("herald.jsa"),
                "-Xlog:disable",
                "-XX:TieredStopAtLevel=" + Integer.getInteger(TIER, 1),
                "-jar",
                jar.toString());
    }

    /** Starts it, again after a kill, with the same settings; answers when it says that it is ready. */
    public void start() {
        List<String> command = new ArrayList<>(command());
        command.add("--with-parent");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            Awaitility.await()
                    .atMost(READY_WITHIN)
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> isReady() || !process.isAlive());
        } catch (ConditionTimeoutException e) {
            kill();
        }
        if (!process.isAlive()) {
            throw new IllegalStateException("Herald ended with " + process.exitValue() + ":\n" + lastLines());
        }
    }

    /** The log goes with the test's folder, so what it says at the end is told here. */
    private String lastLines() {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Override
    public String http() {
        return "http://127.0.0.1:" + environment.get("HERALD_HTTP_PORT");
    }

    @Override
    public String ws() {
        return "ws://127.0.0.1:" + environment.get("HERALD_WS_PORT");
    }

    @Override
    public String management() {
        return "http://127.0.0.1:" + environment.get("HERALD_MANAGEMENT_PORT");
    }

    public Path log() {
        return log;
    }

    public ProcessHandle handle() {
        return process.toHandle();
    }

    /** SIGKILL: nothing of it runs after this returns. */
    public void kill() {
        process.destroyForcibly();
        await();
    }

    /** SIGTERM: the orderly way, within the grace period that Kubernetes gives; answers with the exit code. */
    public int terminate() {
        process.destroy();
        await();
        return process.exitValue();
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            terminate();
        }
    }

    private boolean isReady() {
        try {
            return get(http() + "/health").statusCode() == 200;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    private void await() {
        try {
            if (!process.waitFor(GRACE_SECONDS, SECONDS)) {
                throw new IllegalStateException("Herald does not end");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
