package dev.herald.it;

import dev.herald.postgres.Migrations;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import redis.embedded.RedisServer;

/** A real PostgreSQL and a real Redis, started once per test JVM on free ports. */
public final class Stores {
    /** More than all tests together ask for. */
    private static final int MAX_DATABASES = 4096;

    private static final Stores INSTANCE = new Stores();

    private final EmbeddedPostgres postgres;
    private final int redisPort;
    private final AtomicInteger databases = new AtomicInteger();

    private Stores() {
        try {
            postgres = EmbeddedPostgres.builder()
                    .setServerConfig("synchronous_commit", "on")
                    // Hundreds of databases that no power failure will meet: syncing them took longer than the tests.
                    .setServerConfig("fsync", "off")
                    .setServerConfig("max_connections", "200")
                    .start();
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

    /** The URL of a new database with Herald's schema. */
    public static String freshPostgres() {
        String name = "herald_" + INSTANCE.databases.incrementAndGet();
        try (var connection = INSTANCE.postgres.getPostgresDatabase().getConnection();
                var statement = connection.createStatement()) {
            statement.execute("create database " + name);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        String url = "postgresql://postgres@127.0.0.1:%d/%s".formatted(INSTANCE.postgres.getPort(), name);
        Migrations.run(url);
        return url;
    }

    /** The URL of an empty Redis database that no other caller was given. */
    public static String freshRedis() {
        return "redis://127.0.0.1:%d/%d"
                .formatted(INSTANCE.redisPort, INSTANCE.databases.incrementAndGet() % MAX_DATABASES);
    }

    private static void stop(RedisServer redis) {
        try {
            redis.stop();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
