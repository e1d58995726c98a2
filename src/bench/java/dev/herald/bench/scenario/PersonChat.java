package dev.herald.bench.scenario;

import dev.herald.bench.World;
import dev.herald.bench.measure.Result;
import dev.herald.bench.net.Client;
import dev.herald.bench.scenario.Room.Member;
import java.util.ArrayList;
import java.util.List;

/** Pairs of people write to each other: with {@code window} messages under way each, or {@code rate} a second in all. */
final class PersonChat implements Scenario {
    @Override
    public void run(World world, Result result) {
        int count = world.settings().number("clients", 200);
        int window = world.settings().number("window", 4);
        int rate = world.settings().number("rate", 0);
        Traffic traffic = new Traffic(world, result);
        List<Client> clients = new Crowd(world, result, traffic).connect(count, 64, i -> world.name("c" + i));
        List<Member> senders = new ArrayList<>();
        for (int i = 0; i + 1 < clients.size(); i += 2) {
            Room room = Room.pair(clients.get(i), clients.get(i + 1));
            traffic.add(room);
            senders.addAll(room.members());
        }
        traffic.run(
                rate > 0
                        ? new SteadyRate(world, traffic, senders, rate)
                        : new Windows(traffic, senders, window, false));
        world.loop().run(() -> clients.forEach(Client::close));
    }
}
