package dev.herald.bench.scenario;

import dev.herald.bench.World;
import dev.herald.bench.measure.Result;
import dev.herald.bench.net.Client;
import dev.herald.bench.scenario.Room.Member;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code groups} of {@code members} online users each; {@code senders} in each group write, and have {@code window}
 * messages under way that not everybody has received, or {@code rate} messages a second are sent in all.
 */
final class Groups implements Scenario {
    @Override
    public void run(World world, Result result) {
        int groups = world.settings().number("groups", 1);
        int size = world.settings().number("members", 1_000);
        int writers = world.settings().number("senders", 4);
        Traffic traffic = new Traffic(world, result);
        List<Client> clients = traffic.crowd().connect(groups * size, 64, i -> world.name("g" + i));
        List<Member> senders = new ArrayList<>();
        for (int i = 0; i < groups; i++) {
            senders.addAll(traffic.group(world.name("group" + i), clients.subList(i * size, (i + 1) * size), writers));
        }
        traffic.run(Pace.of(world.settings(), traffic, senders, true), () -> {});
    }
}
