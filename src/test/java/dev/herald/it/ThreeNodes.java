package dev.herald.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Three packaged Heralds on one machine, as one cluster. */
final class ThreeNodes implements AutoCloseable {
    private static final String KEY = Base64.getEncoder().encodeToString(new byte[32]);

    private final List<HeraldProcess> nodes;

    private ThreeNodes(List<HeraldProcess> nodes) {
        this.nodes = nodes;
    }

    /** @param settings of each node */
    static ThreeNodes start(Path folder, Map<String, String> settings) {
        return new ThreeNodes(start(3, folder, settings));
    }

    /** So many of them, as one cluster; none is left if one of them does not start. */
    static List<HeraldProcess> start(int count, Path folder, Map<String, String> settings) {
        List<Integer> ports =
                IntStream.range(0, count).mapToObj(i -> Ports.free()).toList();
        String members = ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
        List<Future<HeraldProcess>> starting;
        // Not in the common pool: there the JDK's HTTP client ends the calls of all other tests.
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            starting = ports.stream()
                    .map(port -> {
                        Map<String, String> own = new HashMap<>(settings);
                        own.putIfAbsent("HERALD_WEBHOOK_KEY", KEY);
                        own.put("HERALD_CLUSTER_ENABLED", "true");
                        own.put("HERALD_CLUSTER_PORT", Integer.toString(port));
                        own.put("HERALD_CLUSTER_MEMBERS", members);
                        return threads.submit(() -> HeraldProcess.start(made(folder, "node-" + port), own));
                    })
                    .toList();
        }
        Map<Boolean, List<Future<HeraldProcess>>> started =
                starting.stream().collect(Collectors.partitioningBy(node -> node.state() == Future.State.SUCCESS));
        List<HeraldProcess> nodes =
                started.get(true).stream().map(Future::resultNow).toList();
        if (nodes.size() < count) {
            nodes.forEach(HeraldProcess::kill);
            throw new IllegalStateException(started.get(false).getFirst().exceptionNow());
        }
        return nodes;
    }

    HeraldProcess node(int number) {
        return nodes.get(number);
    }

    Stream<HeraldProcess> all() {
        return nodes.stream();
    }

    String anyWs() {
        return nodes.get(ThreadLocalRandom.current().nextInt(nodes.size())).ws();
    }

    String anyHttp() {
        return nodes.get(ThreadLocalRandom.current().nextInt(nodes.size())).http();
    }

    /** At once: how nodes end in order is for tests to see. */
    @Override
    public void close() {
        nodes.forEach(HeraldProcess::kill);
    }

    private static Path made(Path folder, String name) {
        try {
            return Files.createDirectories(folder.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
