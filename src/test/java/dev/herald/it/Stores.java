package dev.herald.it;

import dev.herald.postgres.Migrations;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import redis.embedded.RedisServer;

/**
 * A real PostgreSQL and a real Redis, started once per test JVM on free ports. With {@code -Dherald.test.redis=cluster}
 * the Redis is a cluster of three masters.
 */
public final class Stores {
    private static final boolean CLUSTER = "cluster".equals(System.getProperty("herald.test.redis"));

    /** More than all tests together ask for. */
    private static final int MAX_DATABASES = 4096;

    private static final Path MEMORY = Path.of("/dev/shm");
    private static final long NEEDED_BYTES = 8L << 30;

    private static final Stores INSTANCE = new Stores();

    private final Postgres postgres = new Postgres();
    private final int redisPort;
    private final AtomicInteger databases = new AtomicInteger();

    private Stores() {
        try {
            redisPort = Ports.free();
            RedisServer redis = RedisServer.newRedisServer()
                    .port(redisPort)
                    .bind("127.0.0.1")
                    .setting("save \"\"")
                    .setting("databases " + MAX_DATABASES)
                    .build();
            redis.start();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(redis)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * In memory if there is room. Hundreds of databases that no power failure will meet need no disk, and one that has to
     * write them all out stands still for seconds when another server syncs its own.
     */
    private static Path folder() throws IOException {
        boolean hasRoom = Files.isWritable(MEMORY) && Files.getFileStore(MEMORY).getUsableSpace() > NEEDED_BYTES;
        return hasRoom
                ? Files.createTempDirectory(MEMORY, "herald-stores")
                : Files.createTempDirectory("herald-stores");
    }

    /** The URL of a new database with Herald's schema. */
    public static String freshPostgres() {
        return INSTANCE.postgres.fresh();
    }

    /**
     * The same for tests that freeze or cut off nodes, on a server that others do not use: a transaction that stands still
     * holds up the readers of the event log in all databases of its server.
     */
    public static String freshPostgresApart() {
        return Apart.POSTGRES.fresh();
    }

    /** Started when it is first asked for. */
    private static final class Apart {
        static final Postgres POSTGRES = new Postgres();
    }

    /** One server. */
    private static final class Postgres {
        private static final String TEMPLATE = "herald_template";

        private final EmbeddedPostgres server;
        private final AtomicInteger databases = new AtomicInteger();

        Postgres() {
            try {
                server = EmbeddedPostgres.builder()
                        .setDataDirectory(folder())
                        .setServerConfig("synchronous_commit", "on")
                        .setServerConfig("fsync", "off")
                        .setServerConfig("max_connections", "200")
                        .start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            execute("postgres", "create database " + TEMPLATE);
            Migrations.run(url(TEMPLATE));
        }

        /** A copy of a migrated database takes a fraction of the time of the migrations. */
        synchronized String fresh() {
            String name = "herald_" + databases.incrementAndGet();
            execute("postgres", "create database " + name + " template " + TEMPLATE);
            // No two databases have the same name of their own.
            execute(name, "update cluster set name = default");
            return url(name);
        }

        private String url(String name) {
            return "postgresql://postgres@127.0.0.1:%d/%s".formatted(server.getPort(), name);
        }

        private void execute(String database, String sql) {
            try (var connection = server.getDatabase("postgres", database).getConnection();
                    var statement = connection.createStatement()) {
                statement.execute(sql);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Of a URL that this class or another has given. */
    public static int port(String url) {
        return URI.create(url).getPort();
    }

    public static boolean isCluster() {
        return CLUSTER;
    }

    /** The URL of an empty Redis database that no other caller was given; a cluster has but one, which is emptied. */
    public static String freshRedis() {
        if (isCluster()) {
            SharedCluster.CLUSTER.flush();
            return SharedCluster.CLUSTER.url();
        }
        return "redis://127.0.0.1:%d/%d"
                .formatted(INSTANCE.redisPort, INSTANCE.databases.incrementAndGet() % MAX_DATABASES);
    }

    /** Started when it is first asked for. */
    private static final class SharedCluster {
        static final RedisCluster CLUSTER = RedisCluster.start(0);
    }

    private static void stop(RedisServer redis) {
        try {
            redis.stop();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
