package dev.herald.bench.scenario;

import dev.herald.bench.World;
import dev.herald.bench.measure.Counter;
import dev.herald.bench.measure.Result;
import dev.herald.bench.net.Client;
import java.util.List;

/** Pairs of people write to each other: with {@code window} messages under way each, or {@code rate} a second in all. */
final class PersonChat implements Scenario {
    @Override
    public void run(World world, Result result) {
        chat(new Traffic(world, result), () -> {});
    }

    /** Begins and counts what else goes on, as {@link Traffic#run} does. */
    static void chat(Traffic traffic, Runnable begin, Counter... besides) {
        World world = traffic.world();
        List<Client> clients = traffic.crowd().connect(world.settings().number("clients", 200), 64, i -> world.name("c" + i));
        traffic.run(Pace.of(world.settings(), traffic, traffic.pair(clients), false), begin, besides);
    }
}
