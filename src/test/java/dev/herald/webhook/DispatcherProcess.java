package dev.herald.webhook;

import dev.herald.bus.Bus;
import dev.herald.config.ConfigLoader;
import dev.herald.config.HeraldConfig;
import dev.herald.postgres.PgClients;
import io.vertx.core.Vertx;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A node that only dispatches, as a process of its own, to be killed. */
public final class DispatcherProcess {
    private DispatcherProcess() {}

    /** @param settings of Herald */
    static Process start(long incarnation, String postgresUrl, Map<String, String> settings, Path log)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                DispatcherProcess.class.getName(),
                Long.toString(incarnation),
                postgresUrl));
        settings.forEach((key, value) -> command.add(key + "=" + value));
        return new ProcessBuilder(command)
                .directory(new File("").getAbsoluteFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    public static void main(String[] args) {
        Map<String, String> settings = new HashMap<>();
        for (int i = 2; i < args.length; i++) {
            int equals = args[i].indexOf('=');
            settings.put(args[i].substring(0, equals), args[i].substring(equals + 1));
        }
        HeraldConfig config = ConfigLoader.load(settings);
        Tuning standard = Tuning.of(config);
        Tuning quick = new Tuning(
                WebhookWorld.steps(20, 50, 100, 200),
                Duration.ofMillis(200),
                Duration.ofSeconds(2),
                standard.failingPatience(),
                Duration.ofSeconds(2),
                standard.ages(),
                standard.names());
        Vertx vertx = Vertx.vertx();
        PgClients pg = PgClients.open(vertx, args[1], 8);
        vertx.deployVerticle(new WebhookVerticle(config, new Bus(vertx), pg, Long.parseLong(args[0]), quick))
                .onFailure(cause -> {
                    cause.printStackTrace();
                    Runtime.getRuntime().halt(1);
                });
    }
}
