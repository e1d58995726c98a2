package dev.herald.it;

import dev.herald.redis.UserKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/**
 * A Redis of one test alone that loses what it is told to lose, always on the same port. Where tests run on a cluster it
 * is one of three masters that loses it, the one that has the user's inbox.
 */
public final class LosableRedis implements AutoCloseable {
    private final @Nullable RedisCluster cluster;
    private final TestRedis server;

    /** Starts it, without a log. */
    public LosableRedis(String uid) {
        cluster = Stores.isCluster() ? RedisCluster.start(0) : null;
        server = cluster == null ? new TestRedis() : cluster.masterOf(UserKeys.inbox(uid));
        if (cluster == null) {
            start(false);
        }
    }

    public String url() {
        return cluster == null ? server.url() : cluster.url();
    }

    /**
     * Again, after a kill.
     *
     * @param appendOnly true to log every write, forced to the disk once a second
     */
    public void start(boolean appendOnly) {
        String[] log = {"--appendonly", appendOnly ? "yes" : "no"};
        if (cluster == null) {
            server.start("--save", "", log[0], log[1]);
        } else {
            cluster.restart(server, log);
            cluster.awaitReady();
        }
    }

    public void kill() {
        server.kill();
    }

    /** In order: it saves what it has before it ends. */
    public void restartInOrder() {
        server.stop();
        start(false);
    }

    public void wipe() {
        server.tell("FLUSHALL");
    }

    public void restartEmpty() {
        kill();
        delete("dump.rdb");
        start(false);
    }

    public void takeSnapshot() {
        server.tell("SAVE");
        copy("dump.rdb", "snapshot");
    }

    public void restartFromSnapshot() {
        kill();
        copy("snapshot", "dump.rdb");
        start(false);
    }

    public void restartFromLog() {
        kill();
        start(true);
    }

    @Override
    public void close() {
        server.close();
        if (cluster != null) {
            cluster.close();
        }
    }

    private void copy(String from, String to) {
        try {
            Files.copy(server.file(from), server.file(to), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void delete(String name) {
        try {
            Files.deleteIfExists(server.file(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
