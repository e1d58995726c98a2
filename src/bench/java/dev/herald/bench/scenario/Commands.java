package dev.herald.bench.scenario;

import dev.herald.bench.World;
import dev.herald.bench.measure.Meter;
import dev.herald.bench.measure.Result;

/** Commands to single users who are online, at a steady rate. */
final class Commands implements Scenario {
    @Override
    public void run(World world, Result result) throws Exception {
        CommandStream stream =
                new CommandStream(world, result, world.settings().number("command-rate", 1_000));
        stream.connect(world.settings().number("clients", 200));
        stream.begin();
        world.loop().pause(world.warmUp());
        long before = stream.mark();
        Meter meter = world.meter();
        world.loop().pause(world.time());
        meter.stop(result, "command", stream.arrived() - before);
        stream.end();
    }
}
