package dev.herald.fanout;

import dev.herald.bus.Bus;
import dev.herald.config.ConfigLoader;
import dev.herald.it.Signal;
import dev.herald.postgres.PgClients;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A node that only fans out, as a process of its own: to be killed and frozen. */
final class FanoutProcess implements AutoCloseable {
    private final Process process;

    private FanoutProcess(Process process) {
        this.process = process;
    }

    /** @param settings of Herald */
    static FanoutProcess start(long incarnation, String postgresUrl, Map<String, String> settings) {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                FanoutProcess.class.getName(),
                Long.toString(incarnation),
                postgresUrl));
        settings.forEach((key, value) -> command.add(key + "=" + value));
        try {
            return new FanoutProcess(new ProcessBuilder(command).inheritIO().start());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    public static void main(String[] args) {
        Map<String, String> settings = new HashMap<>();
        for (int i = 2; i < args.length; i++) {
            int equals = args[i].indexOf('=');
            settings.put(args[i].substring(0, equals), args[i].substring(equals + 1));
        }
        Tuning tuning = Node.tuning(settings);
        Vertx vertx = Vertx.vertx();
        PgClients pg = PgClients.open(vertx, args[1], 8);
        vertx.deployVerticle(new FanoutVerticle(
                        ConfigLoader.load(settings), new Bus(vertx), pg, Long.parseLong(args[0]), tuning))
                .onFailure(cause -> {
                    cause.printStackTrace();
                    Runtime.getRuntime().halt(1);
                });
    }

    void kill() {
        try {
            process.destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    void freeze() {
        Signal.STOP.to(process.toHandle());
    }

    void thaw() {
        Signal.CONT.to(process.toHandle());
    }

    @Override
    public void close() {
        kill();
    }
}
