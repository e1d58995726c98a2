package dev.herald.postgres;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.pgclient.PgConnectOptions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import org.flywaydb.core.Flyway;

/** Brings the schema to this version's state; blocks, so it runs before any verticle. */
public final class Migrations {
    private Migrations() {}

    /**
     * @param url {@code postgresql://user:password@host:port/database}
     * @return a name that no other database has
     */
    public static String run(String url) {
        PgConnectOptions options = PgConnectOptions.fromUri(url);
        String jdbc =
                "jdbc:postgresql://%s:%d/%s".formatted(options.getHost(), options.getPort(), options.getDatabase());
        String password = Objects.requireNonNullElse(options.getPassword(), "");
        reach(jdbc, options, password);
        Flyway.configure()
                .dataSource(jdbc, options.getUser(), password)
                .locations("classpath:db")
                .load()
                .migrate();
        try (Connection connection = DriverManager.getConnection(jdbc, options.getUser(), password);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select name from cluster")) {
            row.next();
            return row.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException("the database has no name", e);
        }
    }

    /** Flyway would tell the same in eighty lines. */
    private static void reach(String jdbc, PgConnectOptions options, String password) {
        try {
            DriverManager.getConnection(jdbc, options.getUser(), password).close();
        } catch (SQLException e) {
            throw new HeraldException(
                    PgClients.isAway(e.getSQLState()) ? Failure.UNAVAILABLE : Failure.INVALID,
                    "postgres.url: %s:%d/%s as %s: %s"
                            .formatted(
                                    options.getHost(),
                                    options.getPort(),
                                    options.getDatabase(),
                                    options.getUser(),
                                    e.getMessage()));
        }
    }
}
