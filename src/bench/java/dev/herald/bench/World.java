package dev.herald.bench;

import dev.herald.bench.measure.Counter;
import dev.herald.bench.measure.Meter;
import dev.herald.bench.measure.Processes;
import dev.herald.bench.measure.Result;
import dev.herald.bench.net.Dialect;
import dev.herald.bench.net.Loop;
import dev.herald.bench.net.Sockets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** What every scenario needs: the server under test, the driver's thread, and where to say how far it is. */
public final class World implements AutoCloseable {
    private static final AtomicInteger RUNS = new AtomicInteger();
    private static final Duration PROGRESS = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final Duration LINGER = Duration.ofMillis(500);
    private static final Duration CHECK = Duration.ofMillis(5);
    private static final Duration ASK = Duration.ofMillis(200);

    private final Settings settings;
    private final Loop loop = new Loop();
    private final Sockets sockets;
    private final Api api;
    private final Processes processes;
    private final Consumer<String> progress;
    private final Random random;

    /** Users and channels are new in every run: what an earlier one left behind is not measured. */
    private final String run;

    public World(Settings settings, Consumer<String> progress) {
        this.settings = settings;
        this.progress = progress;
        this.random = new Random(settings.number("seed", 1));
        String clock = Long.toString(System.currentTimeMillis() / 1000 % 100_000_000, 36);
        this.run = settings.text("run", clock) + RUNS.incrementAndGet() + "-";
        this.sockets = new Sockets(
                loop,
                List.of(settings.text("ws", "ws://127.0.0.1:5200").split(",", -1)),
                settings.number("sources", 4),
                Dialect.speakers(settings.text("protocol", "binary"), random, settings.number("verify-each", 64)));
        this.api = new Api(loop, List.of(settings.text("api", "http://127.0.0.1:5001").split(",", -1)));
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

    /** Begins to measure; what is counted is counted on the driver's thread. */
    public Meter meter(Counter... counters) {
        return new Meter(
                processes,
                Stream.of(counters)
                        .map(each -> new Counter(each.of(), () -> count(each)))
                        .toList());
    }

    /**
     * Lets what has begun warm up, and measures it for a while.
     *
     * @param begin run on the driver's thread between the two
     * @param counters of which the first says how far it is
     */
    public void measure(Result result, Runnable begin, Counter... counters) {
        pass(warmUp(), "warming up", counters[0]);
        loop.run(begin);
        Meter meter = meter(counters);
        pass(time(), "measuring", counters[0]);
        meter.stop(result);
    }

    /** Lets time pass, and says every five seconds how fast the count grows. */
    public void pass(Duration time, String what, Counter counter) {
        long end = System.nanoTime() + time.toNanos();
        long before = count(counter);
        for (long at = System.nanoTime(); at < end; ) {
            loop.pause(Duration.ofNanos(Math.min(end - at, PROGRESS.toNanos())));
            long now = System.nanoTime();
            long count = count(counter);
            say("%s: %,.0f %s/s".formatted(what, (count - before) * 1e9 / (now - at), counter.of()));
            at = now;
            before = count;
        }
    }

    /**
     * Waits until there are so many, and says every five seconds how many there are; false if there are not, and no more have
     * come for 40 seconds: a server that does nothing for so long will not do it.
     */
    public boolean await(long wanted, Counter counter) {
        return await(wanted, new Counter(counter.of(), () -> count(counter)), CHECK);
    }

    /** The same of a count that has to be asked of the server, by the calling thread. */
    public boolean poll(long wanted, Counter asked) {
        return await(wanted, asked, ASK);
    }

    private boolean await(long wanted, Counter counter, Duration every) {
        long said = System.nanoTime();
        long grown = said;
        long count = counter.sum().getAsLong();
        while (count < wanted) {
            loop.pause(every);
            long before = count;
            count = counter.sum().getAsLong();
            long now = System.nanoTime();
            if (count > before) {
                grown = now;
            } else if (now - grown > PATIENCE.toNanos()) {
                return false;
            }
            if (now - said > PROGRESS.toNanos()) {
                say("%,d of %,d: %s".formatted(count, wanted, counter.of()));
                said = now;
            }
        }
        return true;
    }

    /** Gives what must not come, a second copy of the last message, a moment to come. */
    public void linger() {
        loop.pause(LINGER);
    }

    public void say(String what) {
        progress.accept("  … " + what);
    }

    /** Nobody who leaves because the run is over has been lost. */
    @Override
    public void close() {
        try {
            loop.run(sockets::close);
        } finally {
            loop.close();
        }
    }

    private long count(Counter counter) {
        return loop.call(counter.sum()::getAsLong);
    }
}
