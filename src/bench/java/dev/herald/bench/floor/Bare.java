package dev.herald.bench.floor;

import dev.herald.bench.World;
import dev.herald.bench.floor.BareServer.Running;
import dev.herald.bench.measure.Result;
import dev.herald.bench.scenario.Scenario;
import java.util.Map;

/** A scenario against Vert.x alone: what a server in Java cannot be below. */
public record Bare(Scenario scenario) implements Scenario {
    @Override
    public void run(World world, Result result) throws Exception {
        try (Running server = Running.start();
                World bare = world.with(Map.of(
                        "ws", "ws://127.0.0.1:" + server.port(),
                        "pids", "bare:" + server.process().pid(),
                        "protocol", "echo"))) {
            scenario.run(bare, result);
        }
    }
}
