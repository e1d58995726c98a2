package dev.herald.bench.scenario;

import dev.herald.bench.Receiver;
import dev.herald.bench.World;
import dev.herald.bench.measure.Counter;
import dev.herald.bench.measure.Result;
import dev.herald.bench.net.Client;
import dev.herald.bench.net.Loop.Ticking;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Users come and go, so many a second, and the back end is told by webhook at {@code hook-port}. In the end it must know
 * of each user what is true.
 */
final class Churn implements Scenario {
    private final Map<String, Client> online = new HashMap<>();
    private final Set<String> coming = new HashSet<>();

    /** When changes were due that nobody is free for. */
    private final Queue<Long> late = new ArrayDeque<>();

    private List<String> users = List.of();
    private Told told = new Told(users);
    private long changes;

    @Override
    public void run(World world, Result result) {
        int count = world.settings().number("clients", 2_000);
        int perSecond = world.settings().number("rate", 200);
        users = IntStream.range(0, count).mapToObj(i -> world.name("p" + i)).toList();
        told = new Told(users);
        Crowd crowd = Crowd.quiet(world, result);
        Receiver.listen(world.settings().number("hook-port", 18080), (event, body) -> {
            if (event.equals("user.onlinestatus")) {
                told.hear(body.asText());
            }
        });
        Ticking ticking = world.loop().steadily(perSecond, due -> change(world, crowd, due));
        world.measure(
                result,
                crowd.logins()::begin,
                new Counter("change", () -> changes),
                new Counter("event", told::events));
        ticking.end();
        world.loop().run(late::clear);
        crowd.settle();
        result.latency("login", crowd.logins());
        check(world, result);
    }

    /** Not one who is on the way: a second login of the same device would end the first. */
    private String somebody(World world) {
        int at = world.random().nextInt(users.size());
        while (coming.contains(users.get(at))) {
            at = (at + 1) % users.size();
        }
        return users.get(at);
    }

    /** Somebody leaves who is there, or comes who is not. */
    private void change(World world, Crowd crowd, long due) {
        if (coming.size() == users.size()) {
            late.add(due);
            return;
        }
        String uid = somebody(world);
        changes++;
        Client there = online.remove(uid);
        if (there != null) {
            told.changed(uid, false);
            there.close();
            return;
        }
        coming.add(uid);
        crowd.come(uid, due).whenComplete((client, refused) -> {
            coming.remove(uid);
            if (refused == null) {
                online.put(uid, client);
                told.changed(uid, true);
            }
            if (!late.isEmpty()) {
                change(world, crowd, late.remove());
            }
        });
    }

    private void check(World world, Result result) {
        long begun = System.nanoTime();
        boolean right = world.await(users.size(), new Counter("users told right of", () -> users.size() - told.wrong().size()));
        result.figure("seconds until all was right", (System.nanoTime() - begun) / 1e9);
        if (!right) {
            List<String> wrong = told.wrong();
            result.problem("of " + wrong.size() + " users the back end was told wrong, such as " + wrong.getFirst());
        }
    }
}
