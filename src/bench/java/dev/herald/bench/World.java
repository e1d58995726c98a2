package dev.herald.bench;

import dev.herald.bench.measure.Meter;
import dev.herald.bench.measure.Processes;
import dev.herald.bench.net.Dialect;
import dev.herald.bench.net.Loop;
import dev.herald.bench.net.Sockets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** What every scenario needs: the server under test, the driver's thread, and where to say how far it is. */
public final class World implements AutoCloseable {
    private static final AtomicInteger RUNS = new AtomicInteger();

    private final Settings settings;
    private final Loop loop = new Loop();
    private final Sockets sockets;
    private final Api api;
    private final Processes processes;
    private final Consumer<String> progress;
    private final Random random;

    /** Users and channels are new in every run: what an earlier one left behind is not measured. */
    private final String run =
            Long.toString(System.currentTimeMillis() / 1000 % 100_000_000, 36) + RUNS.incrementAndGet() + "-";

    World(Settings settings, Consumer<String> progress) {
        this.settings = settings;
        this.progress = progress;
        this.random = new Random(settings.number("seed", 1));
        this.sockets = new Sockets(
                loop,
                List.of(settings.text("ws", "ws://127.0.0.1:5200").split(",", -1)),
                settings.number("sources", 4),
                Dialect.speakers(settings.text("protocol", "binary"), random, settings.number("verify-each", 64)));
        this.api = new Api(List.of(settings.text("api", "http://127.0.0.1:5001").split(",", -1)));
        this.processes = Processes.parse(settings.text("pids", ""));
    }

    /** One for another server: what is told here stands over what this one was told. */
    public World with(Map<String, String> told) {
        return new World(settings.with(told), progress);
    }

    public Settings settings() {
        return settings;
    }

    public Loop loop() {
        return loop;
    }

    public Sockets sockets() {
        return sockets;
    }

    public Api api() {
        return api;
    }

    public Processes processes() {
        return processes;
    }

    public Random random() {
        return random;
    }

    public Meter meter() {
        return new Meter(processes);
    }

    /** A name that no other run uses. */
    public String name(String of) {
        return run + of;
    }

    public Duration warmUp() {
        return Duration.ofSeconds(settings.number("warmup", 5));
    }

    public Duration time() {
        return Duration.ofSeconds(settings.number("time", 10));
    }

    public void say(String what) {
        progress.accept("  … " + what);
    }

    @Override
    public void close() {
        loop.close();
    }
}
