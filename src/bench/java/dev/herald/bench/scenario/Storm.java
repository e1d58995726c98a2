package dev.herald.bench.scenario;

import dev.herald.bench.World;
import dev.herald.bench.measure.Latency;
import dev.herald.bench.measure.Meter;
import dev.herald.bench.measure.Result;
import dev.herald.bench.net.Client;
import dev.herald.bench.net.Sockets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * Logins, so many at once. As many clients as {@code stay} are in when it is measured: with more logins than that, each one
 * that comes makes the one leave that has stayed longest. With {@code tokens} the server is told of a token for each user.
 */
final class Storm implements Scenario {
    private static final int REGISTER_AT_ONCE = 64;

    private final Deque<Client> in = new ArrayDeque<>();
    private final Latency logins = new Latency();
    private World world;
    private Result result;
    private List<String> users = List.of();
    private int stay;
    private int turn;
    private int begun;
    private int settled;
    private int failed;

    @Override
    public void run(World in, Result into) throws Exception {
        world = in;
        result = into;
        int clients = world.settings().number("clients", 10_000);
        stay = world.settings().number("stay", clients);
        int atOnce = world.settings().number("at-once", 64);
        int warm = world.settings().number("warm-clients", 2_000);
        users = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            users.add(world.name("s" + i));
        }
        if (world.settings().flag("tokens", false)) {
            register();
        }
        logIn(warm, atOnce);
        if (stay >= clients) {
            world.loop().run(this::leave);
        }
        world.loop().pause(world.warmUp());
        logins.reset();
        failed = 0;
        Meter meter = world.meter();
        logIn(clients, atOnce);
        meter.stop(result, "login", clients - failed);
        result.latency("login", logins);
        result.figure("logins failed", failed);
        world.loop().run(this::leave);
    }

    private void register() {
        for (int from = 0; from < users.size(); from += REGISTER_AT_ONCE) {
            users.subList(from, Math.min(users.size(), from + REGISTER_AT_ONCE)).stream()
                    .map(uid -> world.api()
                            .postAsync(
                                    "/user/token",
                                    Map.of(
                                            "uid", uid,
                                            "token", Sockets.token(uid),
                                            "device_flag", 0,
                                            "device_level", 0)))
                    .toList()
                    .forEach(each -> each.join());
        }
        world.say(users.size() + " tokens are known");
    }

    private void logIn(int count, int atOnce) {
        world.loop().run(() -> {
            begun = 0;
            settled = 0;
            for (int i = 0; i < Math.min(atOnce, count); i++) {
                next(count);
            }
        });
        if (!world.loop().await(Crowd.PATIENCE, () -> settled == count)) {
            throw new IllegalStateException(settled + " of " + count + " logins were answered");
        }
    }

    private void next(int count) {
        if (begun == count) {
            return;
        }
        begun++;
        String uid = users.get(turn++ % users.size());
        long at = System.nanoTime();
        world.sockets().open(uid, 0, Crowd.quiet(result)).whenComplete((client, problem) -> {
            settled++;
            if (problem == null) {
                logins.recordNanos(System.nanoTime() - at);
                in.add(client);
                if (in.size() > stay) {
                    in.remove().close();
                }
            } else {
                failed++;
                result.problem("login: " + problem.getMessage());
            }
            next(count);
        });
    }

    private void leave() {
        in.forEach(Client::close);
        in.clear();
    }
}
