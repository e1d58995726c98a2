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
        int window = world.settings().number("window", 4);
        int rate = world.settings().number("rate", 0);
        Traffic traffic = new Traffic(world, result);
        List<Client> clients = new Crowd(world, result, traffic).connect(groups * size, 64, i -> world.name("g" + i));
        List<Member> senders = new ArrayList<>();
        for (int i = 0; i < groups; i++) {
            List<Client> members = clients.subList(i * size, (i + 1) * size);
            String id = world.name("group" + i);
            world.api().group(id, members.stream().map(Client::uid).toList());
            Room room = Room.group(id, members);
            traffic.add(room);
            senders.addAll(room.members().subList(0, Math.min(writers, size)));
        }
        traffic.run(
                rate > 0
                        ? new SteadyRate(world, traffic, senders, rate)
                        : new Windows(traffic, senders, window, true));
        world.loop().run(() -> clients.forEach(Client::close));
    }
}
