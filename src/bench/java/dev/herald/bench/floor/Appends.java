package dev.herald.bench.floor;

import dev.herald.bench.World;
import dev.herald.bench.measure.Counter;
import dev.herald.bench.measure.Meter;
import dev.herald.bench.measure.Result;
import dev.herald.bench.scenario.Scenario;
import dev.herald.redis.RedisScript;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code redis-benchmark -P 64} with the script that appends to an inbox: what a fan-out cannot be faster than. */
public final class Appends implements Scenario {
    private static final RedisScript APPEND = RedisScript.load("inbox-append", "inbox-append-new", "inbox-common");
    private static final Pattern RATE = Pattern.compile("([0-9.]+) requests per second");
    private static final Pattern PUSHES = Pattern.compile("cmdstat_rpush:calls=(\\d+)");
    private static final String CURSORS = "{u:floor}:cursors";
    private static final String EPOCH = "floor";

    /** A few draw the same inbox by chance, and what is there is not appended again. */
    private static final double LEAST_NEW = 0.99;

    @Override
    public void run(World world, Result result) throws Exception {
        URI server = URI.create(world.settings().text("redis", "redis://127.0.0.1:6379"));
        int count = world.settings().number("appends", 300_000);
        Vertx vertx = Vertx.vertx();
        try {
            Redis redis = Redis.createClient(vertx, server.toString());
            get(redis.send(Request.cmd(Command.HSET).arg(CURSORS).arg("epoch").arg(EPOCH)));
            get(redis.send(Request.cmd(Command.SCRIPT).arg("LOAD").arg(APPEND.source())));
            long before = pushes(redis);
            benchmark(world, result, server, count);
            long appended = pushes(redis) - before;
            result.figure("appended", appended);
            if (appended < count * LEAST_NEW) {
                result.problem(appended + " of " + count + " appends were made");
            }
        } finally {
            get(vertx.close());
        }
    }

    private static void benchmark(World world, Result result, URI server, int count) throws Exception {
        // A list of its own for each, as of users who are all offline.
        List<String> command = new ArrayList<>(List.of("redis-benchmark", "-h", server.getHost(), "-p", Integer.toString(server.getPort())));
        command.addAll(List.of("-P", "64", "-c", "50", "-q", "-r", "1000000000", "-n", Integer.toString(count)));
        command.addAll(List.of("EVALSHA", APPEND.sha(), "3", "{u:__rand_int__}:inbox", CURSORS, "{u:floor}:sessions"));
        command.addAll(List.of(EPOCH, "1234567", "", "1024", "1000", "0"));
        world.say("redis-benchmark is running");
        AtomicLong done = new AtomicLong();
        Meter meter = world.meter(new Counter("append", done::get));
        Process benchmark = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(benchmark.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        done.set(count);
        meter.stop(result);
        Matcher rates = RATE.matcher(said);
        double rate = 0;
        while (rates.find()) {
            rate = Double.parseDouble(rates.group(1));
        }
        result.figure("redis-benchmark append/s", rate);
        if (benchmark.waitFor() != 0 || rate == 0) {
            result.problem("redis-benchmark: " + said.strip());
        }
    }

    /** Entries that scripts have put into lists so far: the script answers without one if it refuses, or fails. */
    private static long pushes(Redis redis) throws Exception {
        String stats = get(redis.send(Request.cmd(Command.INFO).arg("commandstats"))).toString();
        Matcher calls = PUSHES.matcher(stats);
        return calls.find() ? Long.parseLong(calls.group(1)) : 0;
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
}
