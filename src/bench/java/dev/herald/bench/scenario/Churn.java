package dev.herald.bench.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import dev.herald.bench.Receiver;
import dev.herald.bench.World;
import dev.herald.bench.measure.Latency;
import dev.herald.bench.measure.Meter;
import dev.herald.bench.measure.Result;
import dev.herald.bench.net.Client;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Users come and go, so many a second, and the back end is told by webhook at {@code hook-port}. In the end it must know
 * of each user what is true.
 */
final class Churn implements Scenario {
    private static final Duration SETTLE = Duration.ofSeconds(90);

    /** {@code uid-flag-online-session-device's count-user's count}; a uid may hold dashes itself. */
    private static final int FIELDS_BEHIND_UID = 5;

    private final Map<String, Boolean> told = new ConcurrentHashMap<>();
    private final LongAdder events = new LongAdder();
    private final Map<String, Client> online = new HashMap<>();
    private final Latency logins = new Latency();
    private final List<String> users = new ArrayList<>();
    private long begun;
    private long done;
    private boolean running;

    @SuppressWarnings("try") // the receiver is there to be posted to
    @Override
    public void run(World world, Result result) throws Exception {
        int count = world.settings().number("clients", 2_000);
        int perSecond = world.settings().number("rate", 200);
        for (int i = 0; i < count; i++) {
            users.add(world.name("p" + i));
        }
        try (Receiver receiver = new Receiver(world.settings().number("hook-port", 18080), this::hear)) {
            world.loop().run(() -> {
                begun = System.nanoTime();
                running = true;
            });
            AutoCloseable ticking = world.loop().everyMilli(() -> turn(world, result, perSecond));
            world.loop().pause(world.warmUp());
            long before = world.loop().call(() -> {
                logins.reset();
                return done;
            });
            long eventsBefore = events.sum();
            Meter meter = world.meter();
            world.loop().pause(world.time());
            double seconds = meter.seconds();
            meter.stop(result, "change", world.loop().call(() -> done) - before);
            result.figure("events/s", (events.sum() - eventsBefore) / seconds);
            world.loop().run(() -> running = false);
            ticking.close();
            result.latency("login", logins);
            check(world, result);
            world.loop().run(() -> online.values().forEach(Client::close));
        }
    }

    private void turn(World world, Result result, int perSecond) {
        while (running && done * 1_000_000_000L / perSecond <= System.nanoTime() - begun) {
            done++;
            String uid = users.get(world.random().nextInt(users.size()));
            Client there = online.remove(uid);
            if (there != null) {
                there.close();
                continue;
            }
            long at = System.nanoTime();
            world.sockets().open(uid, 0, Crowd.quiet(result)).whenComplete((client, failed) -> {
                if (failed != null) {
                    result.problem("login: " + failed.getMessage());
                    return;
                }
                logins.recordNanos(System.nanoTime() - at);
                Client other = online.put(uid, client);
                if (other != null) {
                    other.close();
                }
            });
        }
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
        boolean right = world.loop().await(SETTLE, () -> wrong().isEmpty());
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
