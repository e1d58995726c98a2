package dev.herald.bench.scenario;

import dev.herald.bench.World;
import dev.herald.bench.measure.Meter;
import dev.herald.bench.measure.Result;
import dev.herald.bench.net.Client;
import dev.herald.bench.net.Sockets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Logins, so many at once. As many clients as {@code stay} are in when it is measured: with more logins than that, each one
 * that comes makes the one leave that has stayed longest. With {@code tokens} the server is told of a token for each user.
 */
final class Storm implements Scenario {
    private static final int REGISTER_AT_ONCE = 64;

    private final Deque<Client> in = new ArrayDeque<>();

    @Override
    public void run(World world, Result result) {
        int clients = world.settings().number("clients", 10_000);
        int stay = world.settings().number("stay", clients);
        int atOnce = world.settings().number("at-once", 64);
        int warm = world.settings().number("warm-clients", 2_000);
        List<String> users =
                IntStream.range(0, clients).mapToObj(i -> world.name("s" + i)).toList();
        if (world.settings().flag("tokens", false)) {
            register(world, users);
        }
        Crowd crowd = Crowd.quiet(world, result);
        Consumer<Client> entered = client -> enter(client, stay);
        crowd.connect(warm, atOnce, i -> users.get(i % clients), entered);
        if (stay >= clients) {
            world.loop().run(this::leave);
        }
        world.pass(world.warmUp(), "warming up", crowd.counter());
        world.loop().run(crowd.logins()::begin);
        Meter meter = world.meter(crowd.counter());
        crowd.connect(clients, atOnce, i -> users.get((warm + i) % clients), entered);
        meter.stop(result);
        result.latency("login", crowd.logins());
        world.loop().run(this::leave);
    }

    private static void register(World world, List<String> users) {
        for (int from = 0; from < users.size(); from += REGISTER_AT_ONCE) {
            users.subList(from, Math.min(users.size(), from + REGISTER_AT_ONCE)).stream()
                    .map(uid -> world.api()
                            .postAsync(
                                    "/user/token",
                                    Map.of("uid", uid, "token", Sockets.token(uid), "device_flag", 0, "device_level", 0)))
                    .toList()
                    .forEach(CompletableFuture::join);
        }
        world.say(users.size() + " tokens are known");
    }

    private void enter(Client client, int stay) {
        in.add(client);
        if (in.size() > stay) {
            in.remove().close();
        }
    }

    private void leave() {
        in.forEach(Client::close);
        in.clear();
    }
}
