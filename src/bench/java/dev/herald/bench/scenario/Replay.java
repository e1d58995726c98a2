package dev.herald.bench.scenario;

import dev.herald.bench.World;
import dev.herald.bench.measure.Meter;
import dev.herald.bench.measure.Result;
import dev.herald.bench.net.Client;
import dev.herald.wire.Frame;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Users come back to the commands that they missed, and are given all of them in order without asking. */
final class Replay implements Scenario {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int SENT_AT_ONCE = 16;

    private final Map<String, Long> last = new HashMap<>();
    private long received;

    @Override
    public void run(World world, Result result) {
        int users = world.settings().number("users", 1_000);
        int commands = world.settings().number("commands", 1_000);
        List<String> uids =
                IntStream.range(0, users).mapToObj(i -> world.name("r" + i)).toList();
        String group = world.name("group");
        world.api().group(group, uids);
        for (int from = 0; from < commands; from += SENT_AT_ONCE) {
            IntStream.range(from, Math.min(commands, from + SENT_AT_ONCE))
                    .mapToObj(i -> world.api().postAsync("/message/send", FanOut.command(group, world.name("c" + i))))
                    .toList()
                    .forEach(sent -> sent.join());
        }
        world.say("sent " + commands + " commands to " + users + " users");
        boolean filled = world.loop().await(PATIENCE, () -> inboxOf(world, uids.getLast(), commands) == commands);
        if (!filled) {
            result.problem("the last user's inbox does not fill");
        }
        Meter meter = world.meter();
        List<Client> clients = new Crowd(world, result, listener(result)).connect(users, 64, uids::get);
        long expected = (long) users * commands;
        boolean all = world.loop().await(PATIENCE, () -> received >= expected);
        meter.stop(result, "command", received);
        if (!all || received != expected) {
            result.problem(received + " of " + expected + " commands were replayed");
        }
        world.loop().run(() -> clients.forEach(Client::close));
    }

    private static int inboxOf(World world, String uid, int limit) {
        return world.api()
                .post("/message/sync", Map.of("uid", uid, "limit", Math.min(limit, 10_000)))
                .size();
    }

    private Client.Listener listener(Result result) {
        Client.Listener quiet = Crowd.quiet(result);
        return new Client.Listener() {
            @Override
            public void received(Client client, Frame frame) {
                quiet.received(client, frame);
                if (frame instanceof Frame.Recv recv) {
                    received++;
                    Long before = last.put(client.uid(), recv.messageSeq());
                    if (before != null && before >= recv.messageSeq()) {
                        result.problem(client.uid() + " got " + recv.messageSeq() + " after " + before);
                    }
                }
            }

            @Override
            public void lost(Client client, String why) {
                quiet.lost(client, why);
            }
        };
    }
}
