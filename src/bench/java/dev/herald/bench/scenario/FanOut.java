package dev.herald.bench.scenario;

import dev.herald.bench.World;
import dev.herald.bench.measure.Counter;
import dev.herald.bench.measure.Meter;
import dev.herald.bench.measure.Result;
import dev.herald.bench.net.Client;
import dev.herald.model.ChannelKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * Commands to a group of which hardly anybody is online. A server that walks the members in the order of their uids has
 * reached all of them when the last one, who is online, has the command; afterwards absent ones pull what they missed.
 */
final class FanOut implements Scenario {
    private static final int MEMBERS_A_CALL = 10_000;

    /** A server walks the members in pages of more than this, so each page has one who is asked. */
    private static final int ASKED_ONE_OF = 100;

    private static final int ASKED_ALL = 1_000;

    @Override
    public void run(World world, Result result) {
        int members = world.settings().number("members", 10_000);
        int online = world.settings().number("online", 10);
        int commands = world.settings().number("commands", 10);
        int atOnce = world.settings().number("at-once", 1);
        CommandTraffic traffic = new CommandTraffic(world, result);
        List<Client> clients = traffic.crowd().connect(online, 16, i -> world.name("z" + i));
        List<String> absent = IntStream.range(0, members - clients.size())
                .mapToObj(i -> world.name("m%07d".formatted(i)))
                .toList();
        String group = world.name("group");
        fill(world, group, clients, absent);
        send(world, traffic, group, clients.size(), 1);
        world.loop().pause(world.warmUp());
        world.loop().run(traffic.latency()::begin);
        AtomicLong reached = new AtomicLong();
        Meter meter = world.meter(new Counter("member", reached::get));
        for (int done = 0; done < commands; done += atOnce) {
            int some = Math.min(atOnce, commands - done);
            send(world, traffic, group, clients.size(), some);
            reached.addAndGet((long) some * members);
        }
        meter.stop(result);
        traffic.end();
        pull(world, result, absent, traffic, commands + 1);
    }

    private static void fill(World world, String group, List<Client> clients, List<String> absent) {
        world.api().group(group, clients.stream().map(Client::uid).toList());
        for (int from = 0; from < absent.size(); from += MEMBERS_A_CALL) {
            List<String> some = absent.subList(from, Math.min(absent.size(), from + MEMBERS_A_CALL));
            world.api()
                    .post(
                            "/channel/subscriber_add",
                            Map.of("channel_id", group, "channel_type", ChannelKey.GROUP, "subscribers", some));
            world.say(from + some.size() + " members");
        }
    }

    /** So many, each called for when the one before it has been answered; returns when all are everywhere. */
    private static void send(World world, CommandTraffic traffic, String group, int online, int count) {
        for (int i = 0; i < count; i++) {
            Map<String, ?> to = Map.of("channel_id", group, "channel_type", ChannelKey.GROUP);
            world.loop().<CompletableFuture<?>>call(() -> traffic.send(to, online, System.nanoTime())).join();
        }
        if (!traffic.settle()) {
            throw new IllegalStateException("a command did not reach everybody who is online");
        }
    }

    /** Every so many of those who were away, by uid, ask for what they missed: all of it, in order. */
    private static void pull(World world, Result result, List<String> absent, CommandTraffic traffic, int commands) {
        List<String> expected = IntStream.range(0, commands).mapToObj(traffic::name).toList();
        int step = absent.size() <= ASKED_ALL ? 1 : ASKED_ONE_OF;
        for (int i = 0; i < absent.size(); i += step) {
            String uid = absent.get(i);
            List<String> found = new ArrayList<>();
            world.api()
                    .post("/message/sync", Map.of("uid", uid, "limit", 1_000))
                    .forEach(each -> found.add(each.path("client_msg_no").asText()));
            if (!found.equals(expected)) {
                result.problem(uid + " can pull " + found.size() + " of " + commands + " commands, or in another order");
            }
        }
    }
}
