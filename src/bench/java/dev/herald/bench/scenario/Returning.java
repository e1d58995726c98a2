package dev.herald.bench.scenario;

import dev.herald.bench.World;
import dev.herald.bench.measure.Counter;
import dev.herald.bench.measure.Latency;
import dev.herald.bench.measure.Meter;
import dev.herald.bench.measure.Result;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Everybody comes back at once; who is told "later" comes later, as told. Any other refusal is a fault. */
final class Returning implements Scenario {
    private static final Pattern LATER =
            Pattern.compile("(?i)(?:no upgrade: HTTP/1.1 (\\d+).*retry-after: |closed, (.*), come back in )(\\d+)");

    private final Map<String, Integer> refusals = new TreeMap<>();
    private final Latency waits = new Latency();
    private int tries;
    private int in;
    private int failed;

    @Override
    public void run(World world, Result result) {
        int count = world.settings().number("clients", 10_000);
        Meter meter = world.meter(new Counter("login", () -> in));
        world.loop().run(() -> {
            for (int i = 0; i < count; i++) {
                come(world, result, world.name("r" + i), System.nanoTime());
            }
        });
        boolean settled = world.await(count, new Counter("logins settled", () -> in + failed));
        meter.stop(result);
        world.loop().run(() -> {
            if (!settled) {
                result.problem(in + " of " + count + " are in");
            }
            result.latency("wait until in", waits);
            result.figure("tries", tries);
            refusals.forEach((why, times) -> result.figure("told " + why, times));
        });
    }

    private void come(World world, Result result, String uid, long since) {
        tries++;
        world.sockets().open(uid, 0, Crowd.acknowledging(result)).whenComplete((client, refused) -> {
            if (refused == null) {
                waits.ended(since);
                in++;
                return;
            }
            String why = String.valueOf(refused.getMessage());
            Matcher later = LATER.matcher(why);
            if (!later.find()) {
                failed++;
                result.problem(why);
                return;
            }
            refusals.merge(later.group(1) == null ? later.group(2) : later.group(1), 1, Integer::sum);
            Duration wait = Duration.ofSeconds(Long.parseLong(later.group(3)));
            world.loop().later(wait, () -> come(world, result, uid, since));
        });
    }
}
