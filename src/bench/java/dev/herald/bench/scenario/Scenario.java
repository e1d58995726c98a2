package dev.herald.bench.scenario;

import dev.herald.bench.World;
import dev.herald.bench.measure.Result;

/** One thing to measure: it makes what it needs, warms up, measures, and checks that nothing went wrong. */
@FunctionalInterface
public interface Scenario {
    void run(World world, Result result) throws Exception;
}
