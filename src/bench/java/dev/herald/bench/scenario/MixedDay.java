package dev.herald.bench.scenario;

import dev.herald.bench.World;
import dev.herald.bench.measure.Result;
import dev.herald.bench.net.Client;
import dev.herald.bench.net.Loop.Ticking;
import dev.herald.bench.scenario.Room.Member;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * All at once: pairs write to each other and groups have members who write, at a steady rate in all, while a back end sends
 * commands and other users come and go.
 */
final class MixedDay implements Scenario {
    private final Deque<Client> visitors = new ArrayDeque<>();
    private int come;

    @Override
    public void run(World world, Result result) {
        int count = world.settings().number("clients", 1_000);
        int rate = world.settings().number("rate", 1_000);
        int logInsPerSecond = world.settings().number("logins", 100);
        Traffic traffic = new Traffic(world, result);
        List<Client> clients = traffic.crowd().connect(count, 64, i -> world.name("d" + i));
        List<Member> senders = new ArrayList<>(traffic.pair(clients));
        senders.addAll(groups(world, traffic, clients));
        CommandTraffic commandTraffic = new CommandTraffic(world, result);
        CommandStream commands = new CommandStream(world, commandTraffic);
        commands.begin(Math.max(1, count / 10), world.settings().number("command-rate", 100));
        Crowd crowd = Crowd.quiet(world, result);
        Ticking coming = world.loop()
                .steadily(logInsPerSecond, due -> crowd.come(world.name("v" + come++), due)
                        .thenAccept(client -> enter(client, logInsPerSecond)));
        traffic.run(new SteadyRate(traffic, senders, rate), () -> {
            commandTraffic.latency().begin();
            crowd.logins().begin();
        });
        coming.end();
        crowd.settle();
        commands.end();
        result.latency("login", crowd.logins());
    }

    /** One person in ten writes to a group instead, so the receivers of a message stay few on average. */
    private static List<Member> groups(World world, Traffic traffic, List<Client> clients) {
        int size = Math.min(clients.size(), world.settings().number("members", 20));
        List<Member> senders = new ArrayList<>();
        for (int from = 0; from + size <= clients.size(); from += size) {
            senders.addAll(
                    traffic.group(world.name("dg" + from), clients.subList(from, from + size), Math.max(1, size / 10)));
        }
        return senders;
    }

    /** Everybody stays for a second. */
    private void enter(Client client, int perSecond) {
        visitors.add(client);
        if (visitors.size() > perSecond) {
            visitors.remove().close();
        }
    }
}
