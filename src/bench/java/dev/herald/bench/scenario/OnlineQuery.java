package dev.herald.bench.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import dev.herald.bench.World;
import dev.herald.bench.measure.Counter;
import dev.herald.bench.measure.Latency;
import dev.herald.bench.measure.Result;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Who of {@code asked} users is online, half of whom are: {@code at-once} queries under way. */
final class OnlineQuery implements Scenario {
    private final Latency answers = new Latency();
    private boolean running = true;
    private long queries;
    private long answered;

    @Override
    public void run(World world, Result result) {
        int count = world.settings().number("clients", 2_000);
        int asked = world.settings().number("asked", 1_000);
        int atOnce = world.settings().number("at-once", 8);
        Set<String> present = new HashSet<>();
        Crowd.quiet(world, result).connect(count, 64, i -> world.name("o" + i), client -> present.add(client.uid()));
        List<String> uids = IntStream.range(0, asked)
                .mapToObj(i -> world.name((i % 2 == 0 ? "o" : "absent") + i / 2))
                .toList();
        Set<String> online = Set.copyOf(uids.stream().filter(present::contains).toList());
        world.loop().run(() -> {
            for (int i = 0; i < atOnce; i++) {
                ask(world, result, uids, online);
            }
        });
        world.measure(
                result,
                answers::begin,
                new Counter("query", () -> answered),
                new Counter("user asked", () -> answered * asked));
        world.loop().run(() -> running = false);
        if (!world.await(world.loop().call(() -> queries), new Counter("queries answered", () -> answered))) {
            result.problem("some queries are not answered");
        }
        world.loop().run(() -> result.latency("query", answers));
    }

    private static void check(Result result, JsonNode answer, Set<String> online) {
        Set<String> said = new HashSet<>();
        answer.forEach(each -> said.add(each.path("uid").asText()));
        if (answer.size() != online.size() || !said.equals(online)) {
            result.problem("not those %d are said to be online that are, but %d".formatted(online.size(), answer.size()));
        }
    }

    private void ask(World world, Result result, List<String> uids, Set<String> online) {
        queries++;
        long at = System.nanoTime();
        world.api().postAsync("/user/onlinestatus", uids).whenComplete((answer, failed) -> {
            answered++;
            answers.ended(at);
            if (failed != null) {
                result.problem("query: " + failed.getMessage());
            } else {
                check(result, answer, online);
            }
            if (running) {
                ask(world, result, uids, online);
            }
        });
    }
}
