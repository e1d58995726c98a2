package dev.herald.bench.scenario;

import dev.herald.bench.World;
import dev.herald.bench.measure.Counter;
import dev.herald.bench.measure.Meter;
import dev.herald.bench.measure.Result;
import dev.herald.model.ChannelKey;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** Users come back to the commands that they missed, and are given all of them in order without asking. */
final class Replay implements Scenario {
    private static final int SENT_AT_ONCE = 16;
    private static final int SAID_EACH = 10 * SENT_AT_ONCE;

    @Override
    public void run(World world, Result result) {
        int users = world.settings().number("users", 1_000);
        int commands = world.settings().number("commands", 1_000);
        List<String> uids =
                IntStream.range(0, users).mapToObj(i -> world.name("r" + i)).toList();
        String group = world.name("group");
        world.api().group(group, uids);
        CommandTraffic traffic = new CommandTraffic(world, result);
        Map<String, ?> to = Map.of("channel_id", group, "channel_type", ChannelKey.GROUP);
        for (int from = 0; from < commands; from += SENT_AT_ONCE) {
            if (from % SAID_EACH == 0) {
                world.say("sent %d of %d commands to %d users".formatted(from, commands, users));
            }
            IntStream.range(from, Math.min(commands, from + SENT_AT_ONCE))
                    .mapToObj(i -> world.loop().<CompletableFuture<?>>call(() -> traffic.send(to, users, System.nanoTime())))
                    .toList()
                    .forEach(CompletableFuture::join);
        }
        String last = uids.getLast();
        if (!world.poll(commands, new Counter("commands in the last inbox", () -> inboxOf(world, last, commands)))) {
            result.problem("the last user's inbox does not fill");
        }
        world.loop().run(traffic.latency()::begin); // how long they were away is not of interest
        Meter meter = world.meter(traffic.counter());
        traffic.crowd().connect(users, 64, uids::get);
        traffic.settle();
        meter.stop(result);
        traffic.end();
    }

    private static int inboxOf(World world, String uid, int limit) {
        return world.api()
                .post("/message/sync", Map.of("uid", uid, "limit", Math.min(limit, 10_000)))
                .size();
    }
}
