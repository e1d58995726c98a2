package dev.herald.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import org.awaitility.Awaitility;

/** A master, its replica and a Sentinel that makes the one the other when the master is gone for a second. */
public final class RedisFailover implements AutoCloseable {
    private static final String NAME = "herald";

    private final TestRedis master = new TestRedis();
    private final TestRedis replica = new TestRedis();
    private final TestRedis sentinel = new TestRedis();

    public RedisFailover() {
        master.start("--save", "");
        replica.start(
                "--save",
                "",
                "--repl-diskless-sync-delay",
                "0",
                "--replicaof",
                "127.0.0.1",
                Integer.toString(master.port()));
        Awaitility.await().until(() -> replica.tell("INFO replication").contains("master_link_status:up"));
        startSentinel();
    }

    public String url() {
        return "redis-sentinel://127.0.0.1:%d/%s".formatted(sentinel.port(), NAME);
    }

    public TestRedis master() {
        return master;
    }

    public TestRedis replica() {
        return replica;
    }

    /** As if the master were beyond the reach of the replica and the Sentinel, but not of its clients. */
    public void replace() {
        sentinel.tell("SENTINEL REMOVE " + NAME);
        replica.tell("REPLICAOF NO ONE");
        sentinel.tell("SENTINEL MONITOR %s 127.0.0.1 %d 1".formatted(NAME, replica.port()));
    }

    @Override
    public void close() {
        List.of(sentinel, replica, master).forEach(TestRedis::close);
    }

    private void startSentinel() {
        try {
            Files.write(
                    sentinel.file("sentinel.conf"),
                    List.of(
                            "sentinel monitor %s 127.0.0.1 %d 1".formatted(NAME, master.port()),
                            "sentinel down-after-milliseconds %s 1000".formatted(NAME),
                            "sentinel failover-timeout %s 5000".formatted(NAME)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        sentinel.start(sentinel.file("sentinel.conf").toString(), "--sentinel");
        Awaitility.await()
                .until(() -> sentinel.tell("SENTINEL REPLICAS " + NAME).contains(":" + replica.port()));
    }
}
