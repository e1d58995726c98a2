package dev.herald.bench.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import dev.herald.bench.Receiver;
import dev.herald.bench.World;
import dev.herald.bench.measure.Counter;
import dev.herald.bench.measure.Result;
import dev.herald.bench.net.Client;
import dev.herald.bench.net.Loop.Ticking;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;

/**
 * Users come and go, so many a second, and the back end is told by webhook at {@code hook-port}. In the end it must know
 * of each user what is true.
 */
final class Churn implements Scenario {
    /** {@code uid-flag-online-session-device's count-user's count}; a uid may hold dashes itself. */
    private static final int FIELDS_BEHIND_UID = 5;

    private final Map<String, Boolean> told = new ConcurrentHashMap<>();
    private final LongAdder events = new LongAdder();
    private final Map<String, Client> online = new HashMap<>();
    private final Set<String> coming = new HashSet<>();
    private List<String> users = List.of();
    private long changes;

    @Override
    public void run(World world, Result result) {
        int count = world.settings().number("clients", 2_000);
        int perSecond = world.settings().number("rate", 200);
        users = IntStream.range(0, count).mapToObj(i -> world.name("p" + i)).toList();
        Crowd crowd = Crowd.quiet(world, result);
        Receiver.listen(world.settings().number("hook-port", 18080), this::hear);
        Ticking ticking = world.loop().steadily(perSecond, due -> change(world, crowd));
        world.measure(
                result,
                crowd.logins()::begin,
                new Counter("change", () -> changes),
                new Counter("event", events::sum));
        ticking.end();
        crowd.settle();
        result.latency("login", crowd.logins());
        check(world, result);
    }

    /**
     * Somebody leaves who is there, or comes who is not. Who is on the way does neither: a second login of the same device
     * would end the first.
     */
    private void change(World world, Crowd crowd) {
        String uid = users.get(world.random().nextInt(users.size()));
        if (coming.contains(uid)) {
            return;
        }
        changes++;
        Client there = online.remove(uid);
        if (there != null) {
            there.close();
            return;
        }
        coming.add(uid);
        crowd.come(uid).whenComplete((client, refused) -> {
            coming.remove(uid);
            if (refused == null) {
                online.put(uid, client);
            }
        });
    }

    private void hear(String event, JsonNode body) {
        if (event.equals("user.onlinestatus")) {
            events.increment();
            String[] parts = body.asText().split("-", -1);
            int uidParts = parts.length - FIELDS_BEHIND_UID;
            String uid = String.join("-", List.of(parts).subList(0, uidParts));
            told.put(uid, !parts[parts.length - 1].equals("0"));
        }
    }

    private void check(World world, Result result) {
        long begun = System.nanoTime();
        boolean right = world.await(users.size(), new Counter("users told right of", () -> users.size() - wrong().size()));
        result.figure("seconds until all was right", (System.nanoTime() - begun) / 1e9);
        if (!right) {
            List<String> wrong = world.loop().call(this::wrong);
            result.problem("of " + wrong.size() + " users the back end was told wrong, such as " + wrong.getFirst());
        }
    }

    private List<String> wrong() {
        return users.stream()
                .filter(uid -> told.getOrDefault(uid, false) != online.containsKey(uid))
                .toList();
    }
}
