package dev.herald.bench.scenario;

import dev.herald.bench.World;
import dev.herald.bench.measure.Result;
import dev.herald.bench.net.Client;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Memory of connections that do nothing: what the servers' resident memory grows by, over their count. It needs a server
 * that was just started: one that has held connections before has memory left for these.
 */
final class Idle implements Scenario {
    private static final double BYTES_PER_KB = 1024.0;

    @Override
    public void run(World world, Result result) {
        int count = world.settings().number("clients", 10_000);
        Duration settle = Duration.ofSeconds(world.settings().number("settle", 20));
        settle(world, settle);
        Map<String, Long> before = world.processes().residentKb();
        List<Client> clients =
                Crowd.quiet(world, result).connect(count, world.settings().number("at-once", 64), i -> world.name("i" + i));
        settle(world, settle);
        Map<String, Long> after = world.processes().residentKb();
        after.forEach((name, kb) -> {
            double grown = kb - before.getOrDefault(name, 0L);
            result.figure("rss " + name + " KB/connection", grown / count);
            result.figure("rss " + name + " MB before", before.getOrDefault(name, 0L) / BYTES_PER_KB);
            result.figure("rss " + name + " MB", kb / BYTES_PER_KB);
        });
        long open = world.loop().call(() -> clients.stream().filter(Client::isOpen).count());
        result.figure("connections open", open);
        if (open != count) {
            result.problem(open + " of " + count + " connections are open");
        }
    }

    private static void settle(World world, Duration time) {
        world.say("waiting until the servers have settled");
        world.loop().pause(time);
    }
}
