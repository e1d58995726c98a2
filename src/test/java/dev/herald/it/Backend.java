package dev.herald.it;

import dev.herald.postgres.PgClients;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The example in {@code docs/examples/backend} as a process, with a database of its own. */
final class Backend implements AutoCloseable {
    private static final Path EXAMPLE = Path.of("docs/examples/backend").toAbsolutePath();

    private final Path log;
    private final int port = Ports.free();
    private final String database;
    private final Sql table;
    private Process process;

    /** @param folder for what it prints */
    Backend(Vertx vertx, Path folder) {
        log = folder.resolve("backend.log");
        String other = Stores.freshPostgresApart();
        String name = other.substring(other.lastIndexOf('/') + 1) + "_backend";
        new Sql(PgClients.open(vertx, other, 1).statements()).run("create database " + name);
        database = other.substring(0, other.lastIndexOf('/') + 1) + name;
        table = new Sql(PgClients.open(vertx, database, 1).statements());
    }

    /** @param check how often it compares its table with Herald's, beside once now */
    void start(HeraldProcess herald, Duration check) {
        if (!Files.exists(EXAMPLE.resolve("node_modules/pg"))) {
            waitFor(run(Map.of(), "npm", "ci", "--no-audit", "--no-fund"));
        }
        Map<String, String> environment = new HashMap<>();
        environment.put("PORT", Integer.toString(port));
        environment.put("DATABASE_URL", database);
        environment.put("HERALD_URL", herald.http());
        environment.put("HERALD_WEBHOOK_SECRET", Receiver.SECRET);
        environment.put("CHECK_SECONDS", Long.toString(check.toSeconds()));
        process = run(environment, "node", "server.js");
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
            if (!process.isAlive()) {
                throw new IllegalStateException("the back end ended:\n" + Files.readString(log));
            }
            return answers();
        });
    }

    int port() {
        return port;
    }

    /** From now on Herald posts to it what becomes of users. */
    void subscribe(HeraldProcess herald) {
        HttpResponse<String> answer = herald.post(
                "/webhooks",
                JsonObject.of(
                                "url", "http://127.0.0.1:%d/herald".formatted(port),
                                "secret", Receiver.SECRET,
                                "events", JsonArray.of("user.onlinestatus"))
                        .encode());
        if (answer.statusCode() != 200) {
            throw new IllegalStateException(answer.body());
        }
    }

    /** Whom it takes for online. */
    List<String> online() {
        return table.rows("select uid from presence where online order by uid collate \"C\"");
    }

    /** What it holds of everybody, as "uid online version". */
    List<String> all() {
        return table.rows("select uid, online, version from presence order by uid collate \"C\"");
    }

    HttpResponse<String> post(String body, Map<String, String> headers) {
        HttpRequest.Builder request = request("/herald").POST(BodyPublishers.ofString(body));
        headers.forEach(request::header);
        return Reached.send(request.build());
    }

    HttpResponse<String> status(String users, String etag) {
        return Reached.send(
                request("/status?users=" + users).header("if-none-match", etag).build());
    }

    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    @Override
    public void close() {
        if (process != null) {
            kill();
        }
    }

    private boolean answers() {
        try {
            return status("nobody", "").statusCode() == 200;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(10));
    }

    private Process run(Map<String, String> environment, String... command) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(EXAMPLE.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void waitFor(Process install) {
        try {
            if (!install.waitFor(240, TimeUnit.SECONDS) || install.exitValue() != 0) {
                throw new IllegalStateException("npm ci failed:\n" + Files.readString(log));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
