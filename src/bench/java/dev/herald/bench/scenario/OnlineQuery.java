package dev.herald.bench.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import dev.herald.bench.World;
import dev.herald.bench.measure.Latency;
import dev.herald.bench.measure.Meter;
import dev.herald.bench.measure.Result;
import dev.herald.bench.net.Client;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;

/** Who of {@code asked} users is online, half of whom are: {@code at-once} queries under way. */
final class OnlineQuery implements Scenario {
    private final Latency answers = new Latency();
    private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    private volatile boolean running = true;
    private long answered;

    @Override
    public void run(World world, Result result) {
        int count = world.settings().number("clients", 2_000);
        int asked = world.settings().number("asked", 1_000);
        int atOnce = world.settings().number("at-once", 8);
        List<Client> clients =
                new Crowd(world, result, Crowd.quiet(result)).connect(count, 64, i -> world.name("o" + i));
        List<CompletableFuture<Void>> loops = IntStream.range(0, atOnce)
                .mapToObj(i -> loop(world, asked))
                .toList();
        world.loop().pause(world.warmUp());
        long before = world.loop().call(() -> {
            answers.reset();
            return answered;
        });
        Meter meter = world.meter();
        world.loop().pause(world.time());
        long queries = world.loop().call(() -> answered) - before;
        meter.stop(result, "query", queries);
        result.figure("users asked/s", queries * asked / (double) world.time().toSeconds());
        running = false;
        loops.forEach(CompletableFuture::join);
        wrong.forEach(result::problem);
        world.loop().run(() -> {
            result.latency("query", answers);
            clients.forEach(Client::close);
        });
    }

    private CompletableFuture<Void> loop(World world, int asked) {
        List<String> uids = new ArrayList<>();
        for (int i = 0; i < asked; i++) {
            uids.add(world.name((i % 2 == 0 ? "o" : "absent") + i / 2));
        }
        long at = System.nanoTime();
        return world.api().postAsync("/user/onlinestatus", uids).thenCompose(answer -> {
            check(answer, (asked + 1) / 2);
            world.loop().run(() -> {
                answered++;
                answers.recordNanos(System.nanoTime() - at);
            });
            return running ? loop(world, asked) : CompletableFuture.completedFuture(null);
        });
    }

    private void check(JsonNode answer, int expected) {
        if (answer.size() != expected) {
            wrong.add(answer.size() + " of " + expected + " users are said to be online");
        }
    }
}
