package dev.herald.bench.scenario;

import dev.herald.bench.World;
import dev.herald.bench.measure.Meter;
import dev.herald.bench.measure.Result;
import dev.herald.bench.net.Client;
import java.util.List;

/** Everybody logs in at once; all stay. */
final class Storm implements Scenario {
    @Override
    public void run(World world, Result result) {
        int count = world.settings().number("clients", 10_000);
        int atOnce = world.settings().number("at-once", 64);
        int warm = world.settings().number("warm-clients", 2_000);
        List<Client> first =
                new Crowd(world, result, Crowd.quiet(result)).connect(warm, atOnce, i -> world.name("w" + i));
        world.loop().run(() -> first.forEach(Client::close));
        world.loop().pause(world.warmUp());
        Crowd crowd = new Crowd(world, result, Crowd.quiet(result));
        Meter meter = world.meter();
        List<Client> clients = crowd.connect(count, atOnce, i -> world.name("s" + i));
        meter.stop(result, "login", clients.size());
        result.latency("login", crowd.logins());
        result.figure("logins failed", count - clients.size());
        world.loop().run(() -> clients.forEach(Client::close));
    }
}
