package dev.herald.postgres;

import io.vertx.pgclient.PgConnectOptions;
import java.util.Objects;
import org.flywaydb.core.Flyway;

/** Brings the schema to this version's state; blocks, so it runs before any verticle. */
public final class Migrations {
    private Migrations() {}

    /** @param url {@code postgresql://user:password@host:port/database} */
    public static void run(String url) {
        PgConnectOptions options = PgConnectOptions.fromUri(url);
        String jdbc =
                "jdbc:postgresql://%s:%d/%s".formatted(options.getHost(), options.getPort(), options.getDatabase());
        Flyway.configure()
                .dataSource(jdbc, options.getUser(), Objects.requireNonNullElse(options.getPassword(), ""))
                .locations("classpath:db")
                .load()
                .migrate();
    }
}
