package dev.herald.bench.scenario;

import dev.herald.bench.World;
import dev.herald.bench.measure.Result;

/** Commands to single users who are online, at a steady rate. */
final class Commands implements Scenario {
    @Override
    public void run(World world, Result result) {
        CommandTraffic commands = new CommandTraffic(world, result);
        CommandStream stream = new CommandStream(world, commands);
        stream.begin(world.settings().number("clients", 200), world.settings().number("command-rate", 1_000));
        world.measure(result, commands.latency()::begin, commands.counter());
        stream.end();
    }
}
