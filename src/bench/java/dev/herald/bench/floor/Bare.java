package dev.herald.bench.floor;

import dev.herald.bench.World;
import dev.herald.bench.floor.BareServer.Running;
import dev.herald.bench.measure.Result;
import dev.herald.bench.scenario.Scenario;
import java.util.List;
import java.util.Map;

/**
 * A scenario against Vert.x alone: what a server in Java cannot be below.
 *
 * @param jvm its flags
 */
public record Bare(Scenario scenario, List<String> jvm) implements Scenario {
    /** What Herald sets while it is idle ({@code boot.Heap}): beside it, a JVM that keeps its heap is no floor. */
    public static final List<String> GIVES_BACK =
            List.of("-XX:G1PeriodicGCInterval=10000", "-XX:MinHeapFreeRatio=10", "-XX:MaxHeapFreeRatio=30");

    @Override
    public void run(World world, Result result) throws Exception {
        try (Running server = Running.start(jvm);
                World bare = world.with(Map.of(
                        "ws", "ws://127.0.0.1:" + server.port(),
                        "pids", "bare:" + server.process().pid(),
                        "protocol", "echo"))) {
            scenario.run(bare, result);
        }
    }
}
