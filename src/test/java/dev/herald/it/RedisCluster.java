package dev.herald.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** Three masters on loopback, each with a third of the slots, and as many replicas of the first as a test wants. */
public final class RedisCluster implements AutoCloseable {
    private static final int MASTERS = 3;
    private static final int SLOTS = 16_384;

    /** The servers talk to each other on a port that is so much higher than the one that clients use. */
    private static final int BUS = 10_000;

    private final List<TestRedis> servers;
    private final String[] settings;

    private RedisCluster(int replicas, String... settings) {
        this.settings = Stream.concat(
                        Stream.of(
                                "--cluster-enabled",
                                "yes",
                                "--cluster-node-timeout",
                                "2000",
                                "--repl-diskless-sync-delay",
                                "0",
                                "--save",
                                ""),
                        Stream.of(settings))
                .toArray(String[]::new);
        servers = IntStream.range(0, MASTERS + replicas)
                .mapToObj(i -> new TestRedis(freePort()))
                .toList();
    }

    public static RedisCluster start(int replicas, String... settings) {
        RedisCluster cluster = new RedisCluster(replicas, settings);
        for (int i = 0; i < cluster.servers.size(); i++) {
            cluster.introduce(i);
            cluster.server(i).start(cluster.settings);
        }
        cluster.awaitReady();
        return cluster;
    }

    public String url() {
        return "redis-cluster://"
                + servers.stream().map(server -> "127.0.0.1:" + server.port()).collect(Collectors.joining(","));
    }

    /** The first {@value #MASTERS} are masters to begin with. */
    public TestRedis server(int index) {
        return servers.get(index);
    }

    public String slotOf(String key) {
        return server(0).tell("CLUSTER KEYSLOT " + key).substring(1).strip();
    }

    public TestRedis masterOf(String key) {
        int slot = Integer.parseInt(slotOf(key));
        return IntStream.range(0, MASTERS)
                .filter(i -> slot < firstSlot(i + 1))
                .mapToObj(this::server)
                .findFirst()
                .orElseThrow();
    }

    public void restart(TestRedis server, String... more) {
        server.start(Stream.of(settings, more).flatMap(Stream::of).toArray(String[]::new));
    }

    public void flush() {
        servers.forEach(server -> server.tell("FLUSHALL"));
    }

    /** All that live agree that every slot is served, and replicas have what their master has. */
    public void awaitReady() {
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> servers.stream()
                .filter(server -> !server.tell("PING").contains("refused"))
                .allMatch(server -> server.tell("CLUSTER INFO").contains("cluster_state:ok")
                        && !server.tell("INFO replication").contains("master_link_status:down")));
    }

    @Override
    public void close() {
        servers.forEach(TestRedis::close);
    }

    /** Writes what each server of a cluster keeps of the others, so that they need not get to know each other. */
    private void introduce(int self) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < servers.size(); i++) {
            String role = i < MASTERS ? "master -" : "slave " + id(0);
            String slots = i < MASTERS ? " %d-%d".formatted(firstSlot(i), firstSlot(i + 1) - 1) : "";
            int port = server(i).port();
            lines.add("%s 127.0.0.1:%d@%d %s%s 0 0 %d connected%s"
                    .formatted(
                            id(i), port, port + BUS, i == self ? "myself," : "", role, i < MASTERS ? i + 1 : 1, slots));
        }
        lines.add("vars currentEpoch %d lastVoteEpoch 0".formatted(MASTERS));
        try {
            Files.write(server(self).file("nodes.conf"), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int firstSlot(int master) {
        return SLOTS * master / MASTERS;
    }

    private static String id(int index) {
        return "%040x".formatted(index + 1);
    }

    private static int freePort() {
        return Stream.generate(Ports::free)
                .filter(port -> Ports.isFree(port + BUS))
                .findFirst()
                .orElseThrow();
    }
}
