package dev.herald.bench.scenario;

import dev.herald.bench.World;
import dev.herald.bench.measure.Latency;
import dev.herald.bench.measure.Result;
import dev.herald.bench.net.Client;
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
    private final Latency logins = new Latency();
    private int come;
    private int settled;

    @Override
    public void run(World world, Result result) throws Exception {
        int count = world.settings().number("clients", 1_000);
        int rate = world.settings().number("rate", 1_000);
        int logInsPerSecond = world.settings().number("logins", 100);
        Traffic traffic = new Traffic(world, result);
        List<Client> clients = new Crowd(world, result, traffic).connect(count, 64, i -> world.name("d" + i));
        List<Member> senders = new ArrayList<>(pairs(traffic, clients));
        senders.addAll(groups(world, traffic, clients));
        CommandStream commands =
                new CommandStream(world, result, world.settings().number("command-rate", 100));
        commands.connect(Math.max(1, count / 10));
        commands.begin();
        long begun = System.nanoTime();
        AutoCloseable coming = world.loop().everyMilli(() -> comeAndGo(world, result, begun, logInsPerSecond));
        traffic.run(new SteadyRate(world, traffic, senders, rate));
        coming.close();
        world.loop().await(Crowd.PATIENCE, () -> settled == come);
        commands.end();
        result.latency("login", logins);
        world.loop().run(() -> {
            clients.forEach(Client::close);
            visitors.forEach(Client::close);
        });
    }

    private static List<Member> pairs(Traffic traffic, List<Client> clients) {
        List<Member> senders = new ArrayList<>();
        for (int i = 0; i + 1 < clients.size(); i += 2) {
            Room room = Room.pair(clients.get(i), clients.get(i + 1));
            traffic.add(room);
            senders.addAll(room.members());
        }
        return senders;
    }

    /** One person in ten writes to a group instead, so the receivers of a message stay few on average. */
    private static List<Member> groups(World world, Traffic traffic, List<Client> clients) {
        int size = Math.min(clients.size(), world.settings().number("members", 20));
        List<Member> senders = new ArrayList<>();
        for (int from = 0; from + size <= clients.size(); from += size) {
            List<Client> members = clients.subList(from, from + size);
            String id = world.name("dg" + from);
            world.api().group(id, members.stream().map(Client::uid).toList());
            Room room = Room.group(id, members);
            traffic.add(room);
            senders.addAll(room.members().subList(0, Math.max(1, size / 10)));
        }
        return senders;
    }

    private void comeAndGo(World world, Result result, long begun, int perSecond) {
        while (come * 1_000_000_000L / perSecond <= System.nanoTime() - begun) {
            come++;
            long at = System.nanoTime();
            world.sockets().open(world.name("v" + come), 0, Crowd.quiet(result)).whenComplete((client, failed) -> {
                settled++;
                if (failed != null) {
                    result.problem("login: " + failed.getMessage());
                    return;
                }
                logins.recordNanos(System.nanoTime() - at);
                visitors.add(client);
                if (visitors.size() > perSecond) {
                    visitors.remove().close();
                }
            });
        }
    }
}
